//! Files: the main pattern, `include` and its variants, include checks (`config-language.md` 2).

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    Reader,
    frames::{FileFrame, Frame},
    line::is_blank,
    paths::{self, Found},
};
use crate::{
    codes::language as code,
    diag::{Code, Diagnostic},
    source::Span,
    tree::{Statement, Word},
};

/// Which failures of an include are errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent checks, as the language names them"
)]
pub(super) struct Checks {
    read: bool,
    matching: bool,
    wildcard: bool,
    brace: bool,
}

impl Checks {
    pub(super) const ALL: Self = Self {
        read: true,
        matching: true,
        wildcard: true,
        brace: true,
    };

    const fn union(self, other: Self) -> Self {
        Self {
            read: self.read || other.read,
            matching: self.matching || other.matching,
            wildcard: self.wildcard || other.wildcard,
            brace: self.brace || other.brace,
        }
    }

    fn flag(&mut self, word: &str) -> Option<&mut bool> {
        Some(match word {
            "read" => &mut self.read,
            "match" => &mut self.matching,
            "wildcard_match" => &mut self.wildcard,
            "brace_match" => &mut self.brace,
            _ => return None,
        })
    }

    /// What the variant letter after `include` adds.
    fn of_variant(letter: &str) -> Option<Self> {
        let mut checks = Self::default();
        match letter {
            "" => {}
            "r" => checks.read = true,
            "m" => {
                checks = Self {
                    read: true,
                    matching: true,
                    ..checks
                }
            }
            "w" => {
                checks = Self {
                    brace: false,
                    ..Self::ALL
                }
            }
            "b" => {
                checks = Self {
                    read: true,
                    brace: true,
                    ..checks
                }
            }
            "a" => checks = Self::ALL,
            _ => return None,
        }
        Some(checks)
    }
}

/// `include PATTERN` or a variant: the checks it adds and where the pattern starts.
pub(super) fn statement(text: &str) -> Option<(Checks, usize)> {
    let rest = text.strip_prefix("include")?;
    let letter = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
    let checks = Checks::of_variant(&rest[..letter])?;
    let after = &rest[letter..];
    if !after.starts_with(is_blank) || after.trim_matches(is_blank).is_empty() {
        return None;
    }
    Some((checks, text.len() - after.trim_start_matches(is_blank).len()))
}

impl Reader<'_> {
    /// Opens the main file or files.
    pub(super) fn open_main(&mut self, pattern: &str) {
        let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let found = paths::find(pattern, &directory);
        if found.files.is_empty() {
            let text = format!("Config files missing '{pattern}'.");
            self.diagnostics.push(Diagnostic::new(&code::MAIN_MISSING, None, text));
            return;
        }
        let mut frames = Vec::new();
        for file in &found.files {
            match self.load(file, &directory, "") {
                Ok(frame) => frames.push(frame),
                Err(why) => {
                    let text = format!("configuration file '{}' {why}", file.display());
                    self.diagnostics.push(Diagnostic::new(&code::MAIN_UNUSABLE, None, text));
                    return;
                }
            }
        }
        if frames.len() > 1 {
            let text = format!("{} files match '{pattern}'", frames.len());
            self.diagnostics
                .push(Diagnostic::new(&code::SEVERAL_MAIN_FILES, None, text));
        }
        self.frames.extend(frames.into_iter().rev());
    }

    /// Carries out an include statement.
    pub(super) fn include(&mut self, pattern: &str, own: Checks, span: Span) {
        let checks = self.checks.union(own);
        let (directory, shown) = self.file().map_or_else(
            || (PathBuf::from("/"), String::new()),
            |f| (f.directory.clone(), f.shown.clone()),
        );
        let found = paths::find(pattern, &directory);
        self.report_missing(pattern, &found, checks, span);
        let mut frames = Vec::new();
        for file in &found.files {
            if self.opened >= self.limits.files {
                let text = format!("more than {} files included - reading stops here", self.limits.files);
                self.diagnostics
                    .push(Diagnostic::new(&code::TOO_MANY_FILES, span, text));
                self.stopped = true;
                return;
            }
            match self.load(file, &directory, &shown) {
                Ok(frame) if self.is_open(&frame) => {
                    let text = format!("file '{}' includes itself - ignoring", file.display());
                    self.diagnostics.push(Diagnostic::new(&code::INCLUDE_CYCLE, span, text));
                }
                Ok(frame) => frames.push(frame),
                Err(why) => {
                    let text = format!("configuration file '{}' {why} - skipping", file.display());
                    let code = if checks.read {
                        &code::INCLUDE_FAILED
                    } else {
                        &code::FILE_UNUSABLE
                    };
                    self.diagnostics.push(Diagnostic::new(code, span, text));
                }
            }
        }
        self.frames.extend(frames.into_iter().rev());
    }

    fn report_missing(&mut self, pattern: &str, found: &Found, checks: Checks, span: Span) {
        let (code, text): (&'static Code, _) = if found.braces {
            if found.missing == 0 {
                return;
            }
            let code = if checks.brace {
                &code::INCLUDE_FAILED
            } else {
                &code::FILE_MISSING
            };
            let text = if found.files.is_empty() {
                format!("no config files matched '{pattern}'")
            } else {
                format!("some config files missing: \"{pattern}\"")
            };
            (code, text)
        } else if !found.files.is_empty() {
            return;
        } else if found.wildcards {
            if !checks.wildcard {
                return;
            }
            (&code::INCLUDE_FAILED, format!("no config files matched '{pattern}'"))
        } else {
            let code = if checks.matching {
                &code::INCLUDE_FAILED
            } else {
                &code::FILE_MISSING
            };
            (code, format!("config files missing '{pattern}'"))
        };
        let mut diagnostic = Diagnostic::new(code, span, text);
        if pattern.starts_with(['"', '\'']) {
            diagnostic = diagnostic.help("quotes belong to the file name here; write the name without them");
        }
        self.diagnostics.push(diagnostic);
    }

    fn is_open(&self, frame: &Frame) -> bool {
        let Frame::File(new) = frame else {
            return false;
        };
        self.frames
            .iter()
            .any(|frame| matches!(frame, Frame::File(open) if open.identity == new.identity && open.checks.is_some()))
    }

    /// Reads a file into the source map. The error continues "configuration file 'P' ...".
    fn load(&mut self, file: &Path, directory: &Path, shown: &str) -> Result<Frame, String> {
        let path = directory.join(file);
        let metadata = fs::metadata(&path).map_err(|e| format!("cannot be read: {e}"))?;
        if metadata.is_dir() {
            return Err("is a directory".to_owned());
        }
        if !metadata.is_file() || metadata.permissions().mode() & 0o111 != 0 {
            return Err("is not a regular non-executable file".to_owned());
        }
        let bytes = fs::read(&path).map_err(|e| format!("cannot be read: {e}"))?;
        // The directory is that of the name, not of what a symbolic link points to.
        let parent = path.parent().unwrap_or(directory);
        let parent = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_path_buf());
        let identity = fs::canonicalize(&path).unwrap_or(path);
        self.opened += 1;
        Ok(self.frame_of(paths::join_shown(shown, file), &bytes, parent, identity))
    }

    /// A frame for text of that name.
    pub(super) fn frame_of(&mut self, name: String, bytes: &[u8], directory: PathBuf, identity: PathBuf) -> Frame {
        let text = String::from_utf8_lossy(bytes);
        let broken = matches!(text, std::borrow::Cow::Owned(_));
        let shown = name
            .rsplit_once('/')
            .map_or_else(String::new, |(directory, _)| format!("{directory}/"));
        let mark = text.starts_with('\u{feff}');
        let known = self
            .sources
            .files()
            .iter()
            .position(|f| f.name == name && f.text == text);
        let id = known.map_or_else(
            || self.sources.add(name, text),
            |at| crate::source::FileId(super::line::small(at)),
        );
        let start = Span {
            file: id,
            line: 1,
            column: 1,
            len: 0,
            expansion: None,
        };
        if mark {
            let text = "the file starts with a byte order mark, which is skipped";
            self.diagnostics
                .push(Diagnostic::new(&code::BYTE_ORDER_MARK, start, text));
        }
        if broken {
            let text = "the file is not UTF-8; unreadable bytes are shown as U+FFFD";
            self.diagnostics.push(Diagnostic::new(&code::NOT_UTF8, start, text));
        }
        let is_toml = self.sources.file(id).is_some_and(|f| f.name.ends_with(".toml"));
        let tree = is_toml.then(|| crate::toml::read(id, self.sources, self.diagnostics).into_iter());
        Frame::File(FileFrame {
            id,
            at: if mark { '\u{feff}'.len_utf8() } else { 0 },
            line: 0..0,
            number: 0,
            directory,
            shown,
            identity,
            checks: None,
            tree,
        })
    }

    /// The keyword `include_check` of `global_defs`.
    pub(super) fn include_check(&mut self, statement: &Statement) {
        let words = statement.args();
        if words.is_empty() {
            self.checks = Checks::ALL;
        }
        for (index, Word { text: word, span, .. }) in words.iter().enumerate() {
            let (sign, name) = match word.as_bytes().first() {
                Some(b'+') => (Some(true), &word[1..]),
                Some(b'-') => (Some(false), &word[1..]),
                _ => (None, &**word),
            };
            let unsigned_later = sign.is_none() && index > 0;
            if unsigned_later || Checks::default().flag(name).is_none() {
                let text = format!("unknown or unsigned include check '{word}'");
                let mut diagnostic = Diagnostic::new(&code::INCLUDE_CHECK_WORD, *span, text);
                if name == "readable" {
                    diagnostic = diagnostic.fix(*span, word.replace("readable", "read"), "write \"read\"");
                }
                self.diagnostics.push(diagnostic);
                continue;
            }
            if sign.is_none() {
                self.checks = Checks {
                    read: true,
                    ..Checks::default()
                };
            }
            if let Some(flag) = self.checks.flag(name) {
                *flag = sign != Some(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants() {
        assert_eq!(statement("include x.conf"), Some((Checks::default(), 8)));
        assert_eq!(statement("includea\tx y"), Some((Checks::ALL, 9)));
        assert_eq!(statement("include"), None);
        assert_eq!(statement("includex y"), None);
        assert_eq!(statement("include_check read"), None);
        let (m, _) = statement("includem x").unwrap();
        assert!(m.read && m.matching && !m.wildcard && !m.brace);
        let (w, _) = statement("includew x").unwrap();
        assert!(w.read && w.matching && w.wildcard && !w.brace);
        let (b, _) = statement("includeb x").unwrap();
        assert!(b.read && !b.matching && !b.wildcard && b.brace);
    }
}
