//! This process as the holder of a claim, and whether another holder is gone.

use crate::record::Holder;

/// Who may have started us, by what CI systems and shells say.
const ACTORS: [&str; 5] = ["ZERVERLESS_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"];

/// This process.
#[must_use]
pub fn this_process() -> Holder {
    let pid = std::process::id();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let named = ACTORS.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let actor = named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    let start = if let Process::Started(start) = look(pid) { Some(start) } else { None };
    Holder { host, boot: boot(), pid, start, actor }
}

/// Whether the holder ran on this machine and is surely gone. Of other machines nothing is known.
pub(super) fn is_gone(holder: &Holder) -> bool {
    let here = boot();
    if here.is_empty() || holder.boot != here || holder.start.is_none() {
        return false;
    }
    match look(holder.pid) {
        Process::Started(start) => holder.start != Some(start),
        Process::Ended => true,
        Process::Unknown => false,
    }
}

/// What the machine says of a process id.
#[derive(Debug, PartialEq, Eq)]
enum Process {
    Started(u64),
    /// Nobody has it, or who had it waits to be collected.
    Ended,
    /// It is there, and `/proc` does not show it to us.
    Unknown,
}

fn look(pid: u32) -> Process {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return look_behind(pid) };
    parse(&stat).unwrap_or(Process::Unknown)
}

/// `/proc` may hide the processes of others (`hidepid`); a signal that is not sent tells whether there is one.
fn look_behind(pid: u32) -> Process {
    let id = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    match id.map(rustix::process::test_kill_process) {
        None | Some(Err(rustix::io::Errno::SRCH)) => Process::Ended,
        Some(_) => Process::Unknown,
    }
}

/// Processes of two boots, or of two containers of one machine, can have one id: only equal text makes ids comparable.
fn boot() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if boot.is_empty() || namespace.as_os_str().is_empty() {
        return String::new();
    }
    format!("{} {}", boot.trim(), namespace.display())
}

/// Field 22 of `/proc/<pid>/stat`; the name in field 2 may hold spaces and parentheses.
fn parse(stat: &str) -> Option<Process> {
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_ascii_whitespace();
    // A zombie has ended: nobody collected it yet.
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { Some(Process::Ended) } else { fields.nth(18)?.parse().ok().map(Process::Started) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_only_when_this_machine_says_so() {
        let here = this_process();
        assert!(!is_gone(&here), "this process is alive");
        assert!(is_gone(&Holder { pid: u32::MAX - 1, ..here.clone() }));
        assert!(is_gone(&Holder { start: here.start.map(|start| start + 1), ..here.clone() }), "the id was used again");
        assert!(!is_gone(&Holder { boot: "another machine".to_owned(), pid: u32::MAX - 1, ..here }));
    }

    #[test]
    fn a_process_that_proc_does_not_show_is_not_gone_for_that() {
        assert_eq!(look_behind(std::process::id()), Process::Unknown, "this one runs");
        assert_eq!(look_behind(i32::MAX as u32), Process::Ended);
        assert_eq!(parse("7 (a) b) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"), Some(Process::Ended));
        assert_eq!(parse("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"), Some(Process::Started(19)));
    }
}
