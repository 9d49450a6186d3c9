# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_zerverless_gitops_global_optspecs
    string join \n o/output= v/verbose q/quiet color= no-progress h/help V/version
end

function __fish_zerverless_gitops_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_zerverless_gitops_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_zerverless_gitops_using_subcommand
    set -l cmd (__fish_zerverless_gitops_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "validate" -d 'Check manifests and all that they name; no orchestrator needed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "diff" -d 'Show what a sync would change, and why; only reads'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "sync" -d 'Make the namespace equal to the source'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "watch" -d 'Keep the namespace equal to the source: at every save, every few minutes, at SIGHUP'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "app" -d 'Show and change the applications of a running `watch --listen`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "db" -d 'Look after the database of `watch --listen`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "status" -d 'Show what is recorded of an application and whether it is still so; only reads'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "history" -d 'Show the last runs of an application'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "list" -d 'Show all applications of the orchestrator'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "rollback" -d 'Apply an older commit again, and refuse every sync until `resume`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "resume" -d 'Allow syncs again after a rollback'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "destroy" -d 'Delete everything that an application placed, and its record'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "release" -d 'Forget an application and keep everything it placed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "repair" -d 'Rebuild a damaged or lost record from the source and from what is live'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "unlock" -d 'Declare the runs that hold an application dead'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "export" -d 'Write a namespace that was filled by hand to a directory, as a source'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "serve" -d 'Run the embedded orchestrator, for a dev box and for tests'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "prune-images" -d 'Remove images of Docker functions that nobody uses any more'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "logs" -d 'Follow the calls, errors and changes of a running `serve`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "init" -d 'Write a first manifest with comments, from the functions, Dockerfiles and static files that lie in a directory'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "schema" -d 'Print the JSON Schema of a manifest, for editors'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "explain" -d 'Explain a rule of validate, or list all of them'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "completions" -d 'Print a completion script'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_needs_command" -f -a "man" -d 'Print the man page, or write all man pages to a directory'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l changed-since -d 'Tell only what is wrong in files that changed since REF, or went wrong since: since the commit where its history and HEAD\'s part' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l write -d 'Write the result to FILE as well, in that format; can be given again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l recursive -d 'Take every manifest below SOURCE; each application is a run of its own'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l strict -d 'Treat warnings as errors'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand validate" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l write -d 'Write the result to FILE as well, in that format; can be given again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l max-delete -d 'Delete at most that many items, or that share of them' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l take-over -d 'Seize items of other applications, or of the one called NAME' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l recursive -d 'Take every manifest below SOURCE; each application is a run of its own'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l strict -d 'Treat warnings as errors'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l detailed-exitcode -d 'Exit with 2 when changes are pending'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l show-code -d 'Show code in Markdown'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l no-prune -d 'Leave what is no longer declared'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l keep-unmanaged -d 'Leave files that no application placed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l allow-empty -d 'Allow all functions or all files to go'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l allow-older -d 'Allow a commit that is older than the newest applied one'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l adopt -d 'Take over a namespace that was filled by hand'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l rebind -d 'Accept that the application comes from another repository or directory now'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand diff" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l write -d 'Write the result to FILE as well, in that format; can be given again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l max-delete -d 'Delete at most that many items, or that share of them' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l take-over -d 'Seize items of other applications, or of the one called NAME' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l engine -d 'The orchestrator\'s Docker engine: unix://, tcp:// or ssh:// [default: docker\'s current context]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l builder -d 'Which of the engine\'s builders builds images' -r -f -a "auto\t'The engine\'s own choice'
buildkit\t'BuildKit'
classic\t'The one without BuildKit'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l build-timeout -d 'How long one build or pull may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l wait-timeout -d 'How long a function may take to come up after it was deployed' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l rebuild -d 'Build anew although nothing changed: all images, or that of the function at PATH' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l recursive -d 'Take every manifest below SOURCE; each application is a run of its own'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l strict -d 'Treat warnings as errors'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l show-code -d 'Show code in Markdown'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l no-prune -d 'Leave what is no longer declared'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l keep-unmanaged -d 'Leave files that no application placed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l allow-empty -d 'Allow all functions or all files to go'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l allow-older -d 'Allow a commit that is older than the newest applied one'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l adopt -d 'Take over a namespace that was filled by hand'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l rebind -d 'Accept that the application comes from another repository or directory now'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s y -l yes -d 'Delete without asking; on a terminal it is asked once before anything is deleted'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l pull -d 'Look for newer base images when an image is built'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l no-wait -d 'Do not look whether deployed functions come up'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l prune-images -d 'After a successful sync, remove images that nobody uses any more; see `prune-images`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand sync" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l interval -d 'How often to look when nothing tells of a change' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l debounce -d 'How long files must stand still before they are taken' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l on-drift -d 'What to do when the live state differs while the source does not' -r -f -a "apply\t'Make it equal again'
report\t'Say what differs'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l local-listen -d 'Where the embedded orchestrator of --local listens' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l listen -d 'Keep the applications that are registered by the API served here, instead of SOURCE [default without ADDR: 127.0.0.1:8400]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l data-dir -d 'Where registrations and their history are kept [default: zerverless-gitops in the user\'s state directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l key-file -d 'File with the key that seals credentials in the database [default: key in the data directory, made when there is none]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l credentials -d 'File that says what opens the repositories of a host or organisation, e.g. `github.com/my-org token-file=/run/secrets/github`; read at each use' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l concurrent -d 'How many applications are synced at a time' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l allow-host -d 'Only repositories on this host may be registered, e.g. github.com or *.example.com; may be given several times [default: any public host, and with a loopback ADDR private networks and this machine as well]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l api-token-file -d 'File with tokens for the API, one a line, each alone or followed by the namespaces it is limited to; read again at SIGHUP' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l webhook-secret-file -d 'File with secrets of webhooks, one a line, all of them valid; read again at SIGHUP [default: webhooks are not taken]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l webhook-listen -d 'Take webhooks at an address of their own' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l log-format -d 'Form of the log on stderr' -r -f -a "text\t'For people'
json\t'One object a line'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l replies -d 'How the results of functions are sent' -r -f -a "raw\t'As a Zerverless server does: 200 and a JSON string that holds the result'
unwrapped\t'With the function\'s own status, headers and body'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l max-delete -d 'Delete at most that many items, or that share of them' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l take-over -d 'Seize items of other applications, or of the one called NAME' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l engine -d 'The orchestrator\'s Docker engine: unix://, tcp:// or ssh:// [default: docker\'s current context]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l builder -d 'Which of the engine\'s builders builds images' -r -f -a "auto\t'The engine\'s own choice'
buildkit\t'BuildKit'
classic\t'The one without BuildKit'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l build-timeout -d 'How long one build or pull may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l wait-timeout -d 'How long a function may take to come up after it was deployed' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l strict -d 'Treat warnings as errors'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l follow-branch -d 'Go on when another branch is checked out, or the manifest gets another name or namespace'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l own-credentials -d 'Open registered repositories with the ssh agent, the keys and the Git credential helpers of this user, too [default: only without --api-token-file, when nobody but programs of this machine can ask]'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l live-reload -d 'Let the pages of static sites load themselves again after each sync'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l no-prune -d 'Leave what is no longer declared'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l keep-unmanaged -d 'Leave files that no application placed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l allow-empty -d 'Allow all functions or all files to go'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l allow-older -d 'Allow a commit that is older than the newest applied one'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l adopt -d 'Take over a namespace that was filled by hand'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l rebind -d 'Accept that the application comes from another repository or directory now'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l pull -d 'Look for newer base images when an image is built'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l no-wait -d 'Do not look whether deployed functions come up'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand watch" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "list" -d 'Show all applications'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "get" -d 'Show one application'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "register" -d 'Register an application'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "sync" -d 'Look at an application now, and wait for what comes of it'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "suspend" -d 'Sync nothing until `app resume`'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "resume" -d 'Sync again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and not __fish_seen_subcommand_from list get register sync suspend resume delete" -f -a "delete" -d 'Keep an application no longer'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from get" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l repo -d 'URL of its repository' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l branch -d 'The branch that is followed [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l subdir -d 'The manifest\'s directory' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from register" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l wait -d 'How long to wait' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from sync" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l reason -d 'Why; shown to whoever asks' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from suspend" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from resume" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l api -d 'Where `watch --listen` serves its API' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l api-token-file -d 'File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s n -l namespace -d 'The application\'s namespace, where its name alone does not say which is meant' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l prune -d 'Delete everything it placed as well'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand app; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -l data-dir -d 'Where registrations and their history are kept [default: zerverless-gitops in the user\'s state directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -l key-file -d 'File with the key that seals credentials in the database [default: key in the data directory]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -f -a "backup" -d 'Write a copy; the watch goes on'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -f -a "check" -d 'Say whether the database is whole'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and not __fish_seen_subcommand_from backup check restore" -f -a "restore" -d 'Put a copy in its place, with everything suspended; no watch may use it'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -l data-dir -d 'Where registrations and their history are kept [default: zerverless-gitops in the user\'s state directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -l key-file -d 'File with the key that seals credentials in the database [default: key in the data directory]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from backup" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -l data-dir -d 'Where registrations and their history are kept [default: zerverless-gitops in the user\'s state directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -l key-file -d 'File with the key that seals credentials in the database [default: key in the data directory]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -l data-dir -d 'Where registrations and their history are kept [default: zerverless-gitops in the user\'s state directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -l key-file -d 'File with the key that seals credentials in the database [default: key in the data directory]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand db; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand status" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand history" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand list" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l to -d 'How many applied commits to go back, or the commit itself [default: 1]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l reason -d 'Why; whoever tries to sync meanwhile is told' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s y -l yes -d 'Delete without asking; on a terminal it is asked once before anything is deleted'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand rollback" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand resume" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s y -l yes -d 'Delete without asking; on a terminal it is asked once before anything is deleted'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand destroy" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand release" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l lock-timeout -d 'How long to wait for another run; one that died on another machine is in the way for a minute' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand repair" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s f -l file -d 'The manifest\'s name in SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l branch -d 'Take the newest commit of this branch [default: the one that HEAD of the repository names]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l revision -d 'Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l subdir -d 'The manifest\'s directory below SOURCE' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l git-token-file -d 'File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l git-username -d 'The user that goes with the token, such as oauth2 [default: x-access-token]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l ssh-key -d 'Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l known-hosts -d 'Keys of ssh hosts [default: the files that ssh itself uses]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l cache-dir -d 'Where fetched repositories are kept [default: zerverless-gitops in the user\'s cache directory]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l git-timeout -d 'How long a Git server may be silent' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l git-deadline -d 'How long fetching may take in all' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l no-cache -d 'Keep nothing of a fetched repository'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand unlock" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l application -d 'The name of the application [default: the namespace]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l local -d 'Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s n -l namespace -d 'Deploy to another namespace than the manifest\'s, e.g. for a preview' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l verify -d 'How the live state is proved' -r -f -a "record\t'By the record alone'
list\t'By the record and the listing of names'
full\t'By downloading every byte'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand export" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l local -d 'Where the data is [default: .zerverless in SOURCE]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l listen -d 'Where to listen' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l replies -d 'How the results of functions are sent' -r -f -a "raw\t'As a Zerverless server does: 200 and a JSON string that holds the result'
unwrapped\t'With the function\'s own status, headers and body'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l engine -d 'The orchestrator\'s Docker engine: unix://, tcp:// or ssh:// [default: docker\'s current context]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l live-reload -d 'Let the pages of static sites load themselves again after each sync'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand serve" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l keep -d 'How many of the newest images of each function stay, used or not; at least 1, which may be about to be deployed' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l engine -d 'The orchestrator\'s Docker engine: unix://, tcp:// or ssh:// [default: docker\'s current context]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l server -d 'URL of the orchestrator' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l token-file -d 'File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l ca-file -d 'Extra root certificates, PEM' -r -F
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l parallelism -d 'How many requests run side by side' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l timeout -d 'How long one request may take' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l retries -d 'How often a request is sent again' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l dry-run -d 'Only say what would be removed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l allow-insecure-token -d 'Send the token over plain http to another machine'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand prune-images" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -l local -d 'Where the data is [default: .zerverless in SOURCE]' -r -f -a "(__fish_complete_directories)"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -l errors -d 'Show only calls that failed'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand logs" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -l name -d 'The application\'s name [default: the directory\'s]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s n -l namespace -d 'Its namespace [default: the owner of the repository, else the name]' -r
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand init" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand schema" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand explain" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand completions" -s V -l version -d 'Print version'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -s o -l output -d 'Form of the result on stdout' -r -f -a "human\t'For people'
json\t'For programs: one object'
markdown\t'For a comment on a pull request'
sarif\t'For code scanning: SARIF 2.1.0 (validate)'
github\t'For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)'
junit\t'For the test report of a CI server (validate)'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -s v -l verbose -d 'Show every item and every request that is sent again'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -s q -l quiet -d 'Show only what is wrong'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -l no-progress -d 'Show no progress bars'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c zerverless-gitops -n "__fish_zerverless_gitops_using_subcommand man" -s V -l version -d 'Print version'
