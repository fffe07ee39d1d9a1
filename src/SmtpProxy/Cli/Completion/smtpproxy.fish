# smtpproxy completion fish
function __smtpproxy_suggest
    set -l before (string join ' ' -- (commandline -opc)[2..] (commandline -ct))
    smtpproxy "[suggest:"(string length -- "$before")"]" "$before" 2> /dev/null
end
complete -c smtpproxy -f -a '(__smtpproxy_suggest)'
