# smtpproxy completion bash
_smtpproxy() {
    local IFS=$'\n'
    local line=${COMP_LINE:0:COMP_POINT}
    local words=${line#* }
    COMPREPLY=($(compgen -W "$(smtpproxy "[suggest:${#words}]" "$words" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _smtpproxy smtpproxy
