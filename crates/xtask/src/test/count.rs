//! Reading the summaries that test programs print.

use super::Outcome;

/// Adds up the lines `test result: ok. 3 passed; 0 failed; 1 ignored; ...` of libtest and the summary of nextest.
/// A program that failed without a failed test (it did not build) counts as one failure.
pub(super) fn rust_tests(text: &str, success: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let nextest = |line: &&str| line.starts_with("Summary [") && line.contains(" run:");
    // The output of a test that failed is part of nextest's own: only its summary counts then.
    let summaries: Vec<&str> = match text.lines().map(str::trim).rfind(nextest) {
        Some(line) => vec![line],
        None => text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("test result:"))
            .collect(),
    };
    for (number, name) in summaries.into_iter().flat_map(numbers) {
        match name {
            "passed" => outcome.passed += number,
            "failed" => outcome.failed += number,
            "ignored" | "skipped" => outcome.skipped += number,
            _ => {}
        }
    }
    let failures = text.lines().map(str::trim).filter(|line| is_failure(line));
    outcome
        .notes
        .extend(failures.take(20).map(|line| format!("FAILED {line}")));
    if !success && outcome.failed == 0 {
        outcome.failed = 1;
    }
    outcome
}

/// Reads a last line `3 passed, 0 failed, 1 skipped`.
pub(crate) fn plain(text: &str) -> Option<Outcome> {
    let last = text.lines().rev().find(|line| line.contains(" passed, "))?;
    let mut outcome = Outcome::default();
    for (number, name) in numbers(last) {
        match name {
            "passed" => outcome.passed = number,
            "failed" => outcome.failed = number,
            "skipped" => outcome.skipped = number,
            _ => return None,
        }
    }
    Some(outcome)
}

/// Pairs of a number and the word behind it.
fn numbers(text: &str) -> Vec<(usize, &str)> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .filter_map(|pair| Some((pair[0].parse().ok()?, pair[1])))
        .collect()
}

fn is_failure(line: &str) -> bool {
    (line.starts_with("test ") && line.ends_with("... FAILED")) || (line.starts_with("FAIL [") && line.contains(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(outcome: &Outcome) -> (usize, usize, usize) {
        (outcome.passed, outcome.failed, outcome.skipped)
    }

    #[test]
    fn libtest() {
        let text = "test a ... ok\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test b ... FAILED\ntest result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured\n";
        let outcome = rust_tests(text, false);
        assert_eq!(counts(&outcome), (4, 2, 1));
        assert_eq!(outcome.notes, ["FAILED test b ... FAILED"]);
    }

    #[test]
    fn nextest() {
        let text = "test result: FAILED. 0 passed; 1 failed; 0 ignored\n     Summary [  12.345s] 45 tests run: 44 passed (1 slow), 1 failed, 2 skipped\n";
        assert_eq!(counts(&rust_tests(text, false)), (44, 1, 2));
    }

    #[test]
    fn a_broken_build_is_a_failure() {
        assert_eq!(counts(&rust_tests("error: could not compile", false)), (0, 1, 0));
    }

    #[test]
    fn plain_last_line() {
        assert_eq!(
            plain("x\n7 passed, 1 failed, 2 skipped\n").as_ref().map(counts),
            Some((7, 1, 2))
        );
        assert_eq!(plain("nothing"), None);
    }
}
