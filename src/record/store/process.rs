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
    Holder { host, boot: boot(), pid, start: started(pid), actor }
}

/// Whether the holder ran on this machine and is surely gone. Of other machines nothing is known.
pub(super) fn is_gone(holder: &Holder) -> bool {
    let here = boot();
    !here.is_empty() && holder.boot == here && holder.start.is_some() && started(holder.pid) != holder.start
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
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_ascii_whitespace();
    // A zombie has ended: nobody collected it yet.
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
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
}
