#compdef smtpproxy
# smtpproxy completion zsh
_smtpproxy() {
    local before="${(j: :)words[2,CURRENT]}"
    local -a found
    found=("${(@f)$(smtpproxy "[suggest:${#before}]" "$before" 2> /dev/null)}")
    found=(${found:#})
    if (( ${#found} )); then compadd -- $found; else _files; fi
}
# In a folder of $fpath this file is the function itself; sourced, it defines it.
if [[ ${funcstack[1]} == _smtpproxy ]]; then _smtpproxy "$@"; else compdef _smtpproxy smtpproxy; fi
