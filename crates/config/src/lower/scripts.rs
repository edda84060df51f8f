//! Scripts: whose identity they take, and whether they may run (`config-language.md` 8.3 and 13.9).

use keepalived_model::{
    global::ScriptPolicy,
    script::{Command, Credentials},
};

use crate::{
    check::codes,
    diag::Diagnostics,
    diag::{Code, Diagnostic},
    facts::{Facts, ScriptFact},
    source::Span,
    values::script::ScriptLine,
};

/// The user whose account scripts take when nobody says otherwise, if it exists.
const DEFAULT_USER: &str = "keepalived_script";

/// Who runs a script that names no user.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DefaultIdentity {
    User(Credentials),
    Daemon,
    /// `script_user` names nobody, or security is on and there is no suitable user.
    Nobody,
}

/// What remains of a problem: reported as keepalived reports it, or only noted as it only logs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// Notification scripts, FIFOs, start and stop scripts.
    Logged,
    /// Track scripts.
    Reported,
    /// Checks: an unknown user is reported, a script that cannot be run is only logged.
    UserReported,
}

/// A script that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// What runs, with a resolved path.
    pub command: Command,
    /// Others than root could change it; it runs because script security is off.
    pub insecure: bool,
}

/// Judges all scripts of one configuration.
pub struct Scripts<'f> {
    facts: &'f dyn Facts,
    policy: ScriptPolicy,
    default: DefaultIdentity,
    any: Option<Span>,
    insecure: bool,
}

impl std::fmt::Debug for Scripts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scripts")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl<'f> Scripts<'f> {
    /// With the policy of `global_defs`; `span` is the place of `script_user`. An unknown `script_user` is reported.
    pub fn new(facts: &'f dyn Facts, policy: &ScriptPolicy, span: Option<Span>, diagnostics: &mut Diagnostics) -> Self {
        let mut scripts = Self {
            facts,
            policy: policy.clone(),
            default: DefaultIdentity::Nobody,
            any: None,
            insecure: false,
        };
        scripts.default = match &policy.user {
            Some(user) => match scripts.named(user, policy.group.as_deref()) {
                Ok(credentials) => DefaultIdentity::User(credentials),
                Err(why) => {
                    let message = format!("Error setting global script uid/gid: {why}");
                    diagnostics.push(Diagnostic::new(&codes::SCRIPT_USER, span, message));
                    DefaultIdentity::Nobody
                }
            },
            None => match scripts.named(DEFAULT_USER, None) {
                Ok(credentials) => DefaultIdentity::User(credentials),
                Err(_) if policy.security => DefaultIdentity::Nobody,
                Err(_) => DefaultIdentity::Daemon,
            },
        };
        scripts
    }

    /// Whose identity a script takes; `None` is that of the daemon.
    ///
    /// # Errors
    /// A sentence about an unknown user or group.
    pub fn identity(&self, user: Option<&str>, group: Option<&str>) -> Result<Option<Credentials>, String> {
        match (user, &self.default) {
            (Some(user), _) => self.named(user, group).map(Some),
            (None, DefaultIdentity::User(credentials)) => Ok(Some(credentials.clone())),
            (None, DefaultIdentity::Daemon) => Ok(None),
            (None, DefaultIdentity::Nobody) => Err(match &self.policy.user {
                Some(user) => format!("script_user {user} cannot be used"),
                None => format!("script security is on, but there is neither script_user nor a user {DEFAULT_USER}"),
            }),
        }
    }

    fn named(&self, user: &str, group: Option<&str>) -> Result<Credentials, String> {
        // `set_supplementary_groups` is as if every group argument began with a colon.
        match group {
            Some(group) if self.policy.supplementary_groups && !group.starts_with(':') => {
                self.facts.credentials(user, Some(&format!(":{group}")))
            }
            None if self.policy.supplementary_groups => self.facts.credentials(user, Some(":")),
            group => self.facts.credentials(user, group),
        }
    }

    /// A script line as it was read: `None` when it cannot be used, after saying why. `what` names it, for example
    /// `(VI_1) notify_master`.
    pub fn line(
        &mut self,
        diagnostics: &mut Diagnostics,
        span: Span,
        line: ScriptLine,
        what: &str,
        loudness: Loudness,
    ) -> Option<Usable> {
        let command = match self.identity(line.user.as_deref(), line.group.as_deref()) {
            Ok(credentials) => Command {
                argv: line.argv,
                credentials,
                user: line.user,
                group: line.group,
            },
            Err(why) => {
                let code = match loudness {
                    Loudness::Logged => &codes::SCRIPT_USER_NOTE,
                    Loudness::Reported | Loudness::UserReported => &codes::SCRIPT_USER,
                };
                diagnostics.push(Diagnostic::new(
                    code,
                    span,
                    format!("{what}: {why} - ignoring the script"),
                ));
                return None;
            }
        };
        self.judge(diagnostics, span, command, what, loudness)
    }

    /// Checks the program of a command and puts in its resolved path. A program that begins with `<` is not checked.
    pub fn judge(
        &mut self,
        diagnostics: &mut Diagnostics,
        span: Span,
        mut command: Command,
        what: &str,
        loudness: Loudness,
    ) -> Option<Usable> {
        let program = command.argv.first()?.clone();
        if program.starts_with('<') {
            return Some(Usable {
                command,
                insecure: false,
            });
        }
        let keep_symlinks = self.policy.use_symlink_paths;
        let (path, insecure) = match self.facts.script(&program, command.credentials.as_ref(), keep_symlinks) {
            ScriptFact::Good(path) => (path, false),
            ScriptFact::Unusable(why) => {
                let code = pick(loudness, &codes::SCRIPT_MISSING, &codes::SCRIPT_MISSING_NOTE);
                let message = format!("{what}: script '{program}' cannot be run: {why} - disabling it");
                let help = "give the full path of an executable file, with its arguments behind it";
                diagnostics.push(Diagnostic::new(code, span, message).help(help));
                return None;
            }
            ScriptFact::Insecure { path, why } => {
                self.insecure = true;
                let security = self.policy.security;
                let then = if security {
                    "disabling"
                } else {
                    "running it all the same"
                };
                let code = if security {
                    &codes::SCRIPT_INSECURE
                } else {
                    &codes::SCRIPT_INSECURE_NOTE
                };
                // In the original's words as far as it has any (`runtime.md` 12.1); which part of the path it is, is ours.
                let message = format!("{what}: Unsafe permissions found for script '{program}' - {then}: {why}");
                let help = "what runs as root must be changeable by root only, and so must all directories above it";
                diagnostics.push(Diagnostic::new(code, span, message).help(help));
                if security {
                    return None;
                }
                (path, true)
            }
        };
        self.any = self.any.or(Some(span));
        // Where nobody searches (documents are made anywhere), the name stays.
        if !program.contains('/') && path != program {
            let message =
                format!("{what}: script `{program}` resolved by path search to `{path}`. Please specify full path.");
            diagnostics.push(Diagnostic::new(&codes::SCRIPT_SEARCHED, span, message).help("write the full path"));
        }
        if let Some(first) = command.argv.first_mut() {
            *first = path;
        }
        Some(Usable { command, insecure })
    }

    /// After all scripts were judged: the one diagnostic about script security.
    pub fn finish(&self, diagnostics: &mut Diagnostics) {
        let (Some(span), false) = (self.any, self.policy.security) else {
            return;
        };
        let mut message = "SECURITY VIOLATION - scripts are being executed but script_security not enabled.".to_owned();
        if self.insecure {
            message.push_str(" There are insecure scripts.");
        }
        diagnostics.push(
            Diagnostic::new(&codes::SCRIPT_SECURITY_OFF, span, message)
                .help("add `enable_script_security` and `script_user USER` to `global_defs`"),
        );
    }
}

const fn pick(loudness: Loudness, reported: &'static Code, logged: &'static Code) -> &'static Code {
    match loudness {
        Loudness::Reported => reported,
        Loudness::Logged | Loudness::UserReported => logged,
    }
}
