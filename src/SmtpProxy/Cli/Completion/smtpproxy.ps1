# smtpproxy completion pwsh
Register-ArgumentCompleter -Native -CommandName smtpproxy -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = ($commandAst.ToString() -replace '^\S+\s*', '')
    if ($wordToComplete -eq '' -and $words -ne '') { $words = "$words " }
    smtpproxy "[suggest:$($words.Length)]" $words 2> $null | Where-Object { $_ -like "$wordToComplete*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
