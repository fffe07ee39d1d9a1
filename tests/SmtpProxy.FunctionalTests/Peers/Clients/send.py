"""Sends one message by smtplib: send.py HOST PORT FROM TO[,TO] < message. Prints the refused recipients."""
import smtplib
import sys

host, port, sender, recipients = sys.argv[1:5]
with smtplib.SMTP(host, int(port)) as smtp:
    refused = smtp.sendmail(sender, recipients.split(","), sys.stdin.buffer.read())
for address, (code, text) in sorted(refused.items()):
    print(address, code)
