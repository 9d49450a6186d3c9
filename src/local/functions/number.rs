//! Numbers as text, where Go's `fmt` and gopher-lua write them in another way than JSON does.

/// Go's `%d` for what is a whole number, else `%g`: a number that is the whole result of a function.
pub(super) fn result_text(number: f64) -> String {
    whole(number).map_or_else(|| general(number), |whole| whole.to_string())
}

/// The number as an integer, when it is one that 64 bits hold.
pub(super) fn whole(number: f64) -> Option<i64> {
    // Every float below 2^63 that has no fraction converts without loss.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) && number.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    fits.then_some(number as i64)
}

/// Go's `%g`: the shortest digits that read back as the same float, with an exponent from a million on.
fn general(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::result_text;

    #[test]
    fn numbers_read_as_the_real_server_writes_them() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (1e20, "1e+20"),
            (1.5, "1.5"),
            (123_456.5, "123456.5"),
            (1_234_567.5, "1.2345675e+06"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1e-100, "1e-100"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(result_text(number), text);
        }
    }
}
