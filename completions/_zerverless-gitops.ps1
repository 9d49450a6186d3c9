
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'zerverless-gitops' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'zerverless-gitops'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'zerverless-gitops' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check manifests and all that they name; no orchestrator needed')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what a sync would change, and why; only reads')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Make the namespace equal to the source')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run the embedded orchestrator, for a dev box and for tests')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the man page, or write all man pages to a directory')
            break
        }
        'zerverless-gitops;validate' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--branch', '--branch', [CompletionResultType]::ParameterName, 'Take the newest commit of this branch [default: the one that HEAD of the repository names]')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits')
            [CompletionResult]::new('--subdir', '--subdir', [CompletionResultType]::ParameterName, 'The manifest''s directory below SOURCE')
            [CompletionResult]::new('--git-token-file', '--git-token-file', [CompletionResultType]::ParameterName, 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]')
            [CompletionResult]::new('--git-username', '--git-username', [CompletionResultType]::ParameterName, 'The user that goes with the token, such as oauth2 [default: x-access-token]')
            [CompletionResult]::new('--ssh-key', '--ssh-key', [CompletionResultType]::ParameterName, 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Keys of ssh hosts [default: the files that ssh itself uses]')
            [CompletionResult]::new('--cache-dir', '--cache-dir', [CompletionResultType]::ParameterName, 'Where fetched repositories are kept [default: zerverless-gitops in the user''s cache directory]')
            [CompletionResult]::new('--git-timeout', '--git-timeout', [CompletionResultType]::ParameterName, 'How long a Git server may be silent')
            [CompletionResult]::new('--git-deadline', '--git-deadline', [CompletionResultType]::ParameterName, 'How long fetching may take in all')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every manifest below SOURCE; each application is a run of its own')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat warnings as errors')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Keep nothing of a fetched repository')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'zerverless-gitops;diff' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--branch', '--branch', [CompletionResultType]::ParameterName, 'Take the newest commit of this branch [default: the one that HEAD of the repository names]')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits')
            [CompletionResult]::new('--subdir', '--subdir', [CompletionResultType]::ParameterName, 'The manifest''s directory below SOURCE')
            [CompletionResult]::new('--git-token-file', '--git-token-file', [CompletionResultType]::ParameterName, 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]')
            [CompletionResult]::new('--git-username', '--git-username', [CompletionResultType]::ParameterName, 'The user that goes with the token, such as oauth2 [default: x-access-token]')
            [CompletionResult]::new('--ssh-key', '--ssh-key', [CompletionResultType]::ParameterName, 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Keys of ssh hosts [default: the files that ssh itself uses]')
            [CompletionResult]::new('--cache-dir', '--cache-dir', [CompletionResultType]::ParameterName, 'Where fetched repositories are kept [default: zerverless-gitops in the user''s cache directory]')
            [CompletionResult]::new('--git-timeout', '--git-timeout', [CompletionResultType]::ParameterName, 'How long a Git server may be silent')
            [CompletionResult]::new('--git-deadline', '--git-deadline', [CompletionResultType]::ParameterName, 'How long fetching may take in all')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'URL of the orchestrator')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Extra root certificates, PEM')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Deploy to another namespace than the manifest''s, e.g. for a preview')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Deploy to another namespace than the manifest''s, e.g. for a preview')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many requests run side by side')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often a request is sent again')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'How the live state is proved')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Delete at most that many items, or that share of them')
            [CompletionResult]::new('--take-over', '--take-over', [CompletionResultType]::ParameterName, 'Seize items of other applications, or of the one called NAME')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every manifest below SOURCE; each application is a run of its own')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat warnings as errors')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Keep nothing of a fetched repository')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exit with 2 when changes are pending')
            [CompletionResult]::new('--show-code', '--show-code', [CompletionResultType]::ParameterName, 'Show code in Markdown')
            [CompletionResult]::new('--allow-insecure-token', '--allow-insecure-token', [CompletionResultType]::ParameterName, 'Send the token over plain http to another machine')
            [CompletionResult]::new('--no-prune', '--no-prune', [CompletionResultType]::ParameterName, 'Leave what is no longer declared')
            [CompletionResult]::new('--keep-unmanaged', '--keep-unmanaged', [CompletionResultType]::ParameterName, 'Leave files that no application placed')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Allow all functions or all files to go')
            [CompletionResult]::new('--allow-older', '--allow-older', [CompletionResultType]::ParameterName, 'Allow a commit that is older than the newest applied one')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Take over a namespace that was filled by hand')
            [CompletionResult]::new('--rebind', '--rebind', [CompletionResultType]::ParameterName, 'Accept that the application comes from another repository or directory now')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'zerverless-gitops;sync' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The manifest''s name in SOURCE')
            [CompletionResult]::new('--branch', '--branch', [CompletionResultType]::ParameterName, 'Take the newest commit of this branch [default: the one that HEAD of the repository names]')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits')
            [CompletionResult]::new('--subdir', '--subdir', [CompletionResultType]::ParameterName, 'The manifest''s directory below SOURCE')
            [CompletionResult]::new('--git-token-file', '--git-token-file', [CompletionResultType]::ParameterName, 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]')
            [CompletionResult]::new('--git-username', '--git-username', [CompletionResultType]::ParameterName, 'The user that goes with the token, such as oauth2 [default: x-access-token]')
            [CompletionResult]::new('--ssh-key', '--ssh-key', [CompletionResultType]::ParameterName, 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Keys of ssh hosts [default: the files that ssh itself uses]')
            [CompletionResult]::new('--cache-dir', '--cache-dir', [CompletionResultType]::ParameterName, 'Where fetched repositories are kept [default: zerverless-gitops in the user''s cache directory]')
            [CompletionResult]::new('--git-timeout', '--git-timeout', [CompletionResultType]::ParameterName, 'How long a Git server may be silent')
            [CompletionResult]::new('--git-deadline', '--git-deadline', [CompletionResultType]::ParameterName, 'How long fetching may take in all')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another run; one that died on another machine is in the way for a minute')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'URL of the orchestrator')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Extra root certificates, PEM')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Deploy to another namespace than the manifest''s, e.g. for a preview')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Deploy to another namespace than the manifest''s, e.g. for a preview')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many requests run side by side')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often a request is sent again')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'How the live state is proved')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Delete at most that many items, or that share of them')
            [CompletionResult]::new('--take-over', '--take-over', [CompletionResultType]::ParameterName, 'Seize items of other applications, or of the one called NAME')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every manifest below SOURCE; each application is a run of its own')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat warnings as errors')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Keep nothing of a fetched repository')
            [CompletionResult]::new('--show-code', '--show-code', [CompletionResultType]::ParameterName, 'Show code in Markdown')
            [CompletionResult]::new('--allow-insecure-token', '--allow-insecure-token', [CompletionResultType]::ParameterName, 'Send the token over plain http to another machine')
            [CompletionResult]::new('--no-prune', '--no-prune', [CompletionResultType]::ParameterName, 'Leave what is no longer declared')
            [CompletionResult]::new('--keep-unmanaged', '--keep-unmanaged', [CompletionResultType]::ParameterName, 'Leave files that no application placed')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Allow all functions or all files to go')
            [CompletionResult]::new('--allow-older', '--allow-older', [CompletionResultType]::ParameterName, 'Allow a commit that is older than the newest applied one')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Take over a namespace that was filled by hand')
            [CompletionResult]::new('--rebind', '--rebind', [CompletionResultType]::ParameterName, 'Accept that the application comes from another repository or directory now')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'zerverless-gitops;serve' {
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Where the data is [default: .zerverless in SOURCE]')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'zerverless-gitops;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'zerverless-gitops;man' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the result on stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every item and every request that is sent again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only what is wrong')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
