"""Sends by smtplib what it is asked for, a JSON object a line; answers each with another.

A name stands for a client of its own: it keeps its connection for its next message, as long as smtplib does."""
import json
import smtplib
import ssl
import sys
import threading

clients, print_lock = {}, threading.Lock()
unverified = ssl._create_unverified_context()


def send(ask):
    name = ask["name"]
    smtp = clients.get(name)
    if smtp is None or smtp.sock is None:
        limit = {} if ask["limits"] is None else {"timeout": ask["limits"]}
        smtp = clients[name] = smtplib.SMTP(ask["host"], ask["port"], **limit)
        if ask["tls"] == "required":
            smtp.starttls(context=unverified)
    refused = smtp.sendmail(ask["from"], ask["to"], ask["message"])
    return "accepted" if not refused else "accepted, and returns the refused: " + code_of(refused)


def code_of(refused):
    return ", ".join(sorted({str(code) for code, _ in refused.values()}))


def tell(error):
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"`SMTPRecipientsRefused` {code_of(error.recipients)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"`{type(error).__name__}` {error.smtp_code}"
    return f"`{type(error).__name__}`"


def answer(ask):
    try:
        told = {"ok": True, "told": send(ask)}
    except Exception as error:  # every exception is an answer
        told = {"ok": False, "told": tell(error)}
        if clients.get(ask["name"]) is not None and ask["tls"] == "required":
            clients.pop(ask["name"]).close()
    with print_lock:
        print(json.dumps({"id": ask["id"], **told}), flush=True)


for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
