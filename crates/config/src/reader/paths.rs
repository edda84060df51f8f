//! File name patterns: csh braces and wildcards.

use std::path::{Path, PathBuf};

use glob::MatchOptions;

/// Most alternatives of one brace expression.
const MAX_ALTERNATIVES: usize = 1_024;

/// What a pattern matches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Each alternative's matches in sorted order; relative where the pattern is.
    pub(super) files: Vec<PathBuf>,
    /// The pattern has a brace expression.
    pub(super) braces: bool,
    /// The pattern has a wildcard.
    pub(super) wildcards: bool,
    /// How many alternatives without wildcard match nothing.
    pub(super) missing: usize,
}

/// Finds files below a directory.
pub(super) fn find(pattern: &str, directory: &Path) -> Found {
    let alternatives = expand_braces(pattern);
    let mut found = Found {
        braces: alternatives.len() > 1 || alternatives.first().is_none_or(|a| a != pattern),
        wildcards: has_wildcard(pattern),
        ..Found::default()
    };
    for alternative in alternatives {
        if has_wildcard(&alternative) {
            found.files.extend(wildcard(&alternative, directory));
        } else if std::fs::symlink_metadata(directory.join(&alternative)).is_ok() {
            found.files.push(PathBuf::from(alternative));
        } else {
            found.missing += 1;
        }
    }
    found
}

fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

fn wildcard(pattern: &str, directory: &Path) -> Vec<PathBuf> {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let relative = !pattern.starts_with('/');
    let full = if relative {
        format!("{}/{pattern}", glob::Pattern::escape(&directory.to_string_lossy()))
    } else {
        pattern.to_owned()
    };
    // The shell's ** is the same as *; the glob crate would descend.
    let mut single = full.clone();
    while single.contains("**") {
        single = single.replace("**", "*");
    }
    let Ok(paths) = glob::glob_with(&single, options) else {
        return Vec::new();
    };
    paths
        .flatten()
        .map(|path| match path.strip_prefix(directory) {
            Ok(below) if relative => below.to_path_buf(),
            _ => path,
        })
        .collect()
}

/// All alternatives of a pattern; the pattern itself if it has no complete brace expression.
fn expand_braces(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        let Some((before, choices, after)) = first_braces(&next) else {
            done.push(next);
            continue;
        };
        if done.len() + open.len() + choices.len() > MAX_ALTERNATIVES {
            return vec![pattern.to_owned()];
        }
        open.extend(choices.iter().rev().map(|choice| format!("{before}{choice}{after}")));
    }
    done
}

/// The first outermost brace expression, split at its own commas. `{}` is left alone, as shells do.
fn first_braces(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let mut depth = 0_usize;
    let (mut start, mut piece) = (0, 0);
    let mut choices = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => {
                if depth == 0 {
                    (start, piece) = (at, at + 1);
                }
                depth += 1;
            }
            b',' if depth == 1 => {
                choices.push(&text[piece..at]);
                piece = at + 1;
            }
            b'}' if depth == 1 && at > start + 1 => {
                choices.push(&text[piece..at]);
                return Some((&text[..start], choices, &text[at + 1..]));
            }
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The name of an included file as it is shown: below the directory of the file that includes it.
pub(super) fn join_shown(shown: &str, file: &Path) -> String {
    if file.is_absolute() {
        file.to_string_lossy().into_owned()
    } else {
        format!("{shown}{}", file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces() {
        assert_eq!(expand_braces("a{b,c}d"), ["abd", "acd"]);
        assert_eq!(
            expand_braces("{foo/{,cat,dog},bar}"),
            ["foo/", "foo/cat", "foo/dog", "bar"]
        );
        assert_eq!(expand_braces("{a,b}{1,2}"), ["a1", "a2", "b1", "b2"]);
        assert_eq!(expand_braces("a{}b{"), ["a{}b{"]);
        assert_eq!(expand_braces("{a}"), ["a"]);
        assert_eq!(expand_braces(&"{a,b}".repeat(40)).len(), 1);
    }
}
