//! Numbers, sizes and times as people read them.

use std::time::Duration;

/// `1 file`, `2 files`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in units of 1000, as file managers show them.
pub(super) fn size(bytes: u64) -> String {
    let mut scaled = (bytes, 0);
    for unit in ["B", "kB", "MB", "GB"] {
        let (whole, tenth) = scaled;
        if whole < 1000 || unit == "GB" {
            return if unit == "B" || whole >= 100 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") };
        }
        scaled = (whole / 1000, whole % 1000 / 100);
    }
    format!("{bytes} B")
}

/// `0.42 s`.
pub(super) fn time(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// The time of day, where this machine is.
pub(super) fn clock() -> String {
    jiff::ZonedDateTime::now().strftime("%H:%M:%S").to_string()
}

/// A recorded time to the second; what is none as it stands.
pub(super) fn moment(text: &str) -> String {
    let parsed = text.parse().ok().and_then(|at: jiff::Timestamp| jiff::Timestamp::from_second(at.as_second()).ok());
    parsed.map_or_else(|| crate::key::printable(text).into_owned(), |at| at.to_string())
}

/// `5 min`: how long somebody will wait, not how long something took.
pub(super) fn wait(duration: Duration) -> String {
    match duration.as_secs() {
        0..=99 => format!("{} s", duration.as_secs_f64().ceil()),
        seconds => format!("{} min", (seconds + 30) / 60),
    }
}

/// The first digits of a commit, and its `-dirty`.
pub(super) fn revision(text: &str) -> String {
    match text.split_once('-') {
        Some((commit, mark)) => format!("{}-{mark}", commit.get(..12).unwrap_or(commit)),
        None => text.get(..12).unwrap_or(text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((count(1, "file"), count(10_000, "file")), ("1 file".to_owned(), "10,000 files".to_owned()));
        assert_eq!((grouped(999), grouped(1_234_567)), ("999".to_owned(), "1,234,567".to_owned()));
        let sizes = [0, 999, 1_000, 94_300, 123_456, 94_300_000, 5_000_000_000];
        assert_eq!(sizes.map(size), ["0 B", "999 B", "1.0 kB", "94.3 kB", "123 kB", "94.3 MB", "5.0 GB"]);
        assert_eq!(revision("0123456789abcdef0123-dirty"), "0123456789ab-dirty");
    }
}
