//! Statements become a tree: braces nest, whatever the keywords mean.

use crate::{
    codes::language as code,
    diag::{Diagnostic, Diagnostics},
    source::Span,
    tree::{Body, Statement},
};

/// Deepest nesting; the language itself needs six.
pub(crate) const MAX_DEPTH: usize = 32;

/// Collects statements and hands out each complete one of the top level.
#[derive(Debug, Default)]
pub(super) struct Builder {
    /// Open blocks; all but the innermost still without what follows in them.
    blocks: Vec<Statement>,
    /// Open braces: `None` for that of a block, the place of a brace that belongs to nothing (what it holds belongs to the
    /// block around it).
    braces: Vec<Option<Span>>,
    /// The last statement of the top level, which may still get a body.
    pending: Option<Statement>,
    /// The last line was a statement, so that a brace belongs to it.
    fresh: bool,
}

impl Builder {
    /// Keyword of the outermost open block and the number of open blocks.
    pub(super) fn position(&self) -> (Option<&str>, usize) {
        (self.blocks.first().map(Statement::keyword), self.blocks.len())
    }

    pub(super) fn statement(&mut self, statement: Statement, sink: &mut dyn FnMut(Statement)) {
        self.fresh = true;
        match self.innermost() {
            Some(body) => body.statements.push(statement),
            None => {
                if let Some(done) = self.pending.replace(statement) {
                    sink(done);
                }
            }
        }
    }

    /// A statement with its whole body.
    pub(super) fn complete(&mut self, statement: Statement, sink: &mut dyn FnMut(Statement)) {
        self.fresh = false;
        if let Some(body) = self.innermost() {
            body.statements.push(statement);
            return;
        }
        if let Some(done) = self.pending.take() {
            sink(done);
        }
        sink(statement);
    }

    pub(super) fn begin(&mut self, span: Span, diagnostics: &mut Diagnostics) {
        let (fresh, deep) = (self.fresh, self.blocks.len() >= MAX_DEPTH);
        self.fresh = false;
        let owner = if !fresh || deep {
            None
        } else if let Some(body) = self.innermost() {
            body.statements.pop()
        } else {
            self.pending.take()
        };
        match owner {
            Some(mut statement) => {
                statement.body = Some(Body::default());
                self.blocks.push(statement);
                self.braces.push(None);
            }
            None => {
                let diagnostic = if fresh && deep {
                    Diagnostic::new(
                        &code::TOO_DEEP,
                        span,
                        format!("blocks nested more than {MAX_DEPTH} deep - ignoring '{{'"),
                    )
                } else {
                    Diagnostic::new(&code::UNEXPECTED_BEGIN, span, "unexpected '{' - ignoring")
                        .help("an opening brace must follow the keyword of a block, on the same line or the next")
                };
                diagnostics.push(diagnostic);
                self.braces.push(Some(span));
            }
        }
    }

    pub(super) fn end(&mut self, span: Span, diagnostics: &mut Diagnostics, sink: &mut dyn FnMut(Statement)) {
        self.fresh = false;
        match self.braces.pop() {
            Some(None) => self.close(Some(span), sink),
            Some(Some(_)) => {}
            None => diagnostics.push(
                Diagnostic::new(&code::UNEXPECTED_END, span, "extra '}' found")
                    .help("remove it, or look for the opening brace that is missing above"),
            ),
        }
    }

    /// The end of the configuration: closes what is still open.
    pub(super) fn finish(mut self, diagnostics: &mut Diagnostics, sink: &mut dyn FnMut(Statement)) {
        let missing = self.braces.len();
        let mut diagnostic: Option<Diagnostic> = None;
        while let Some(brace) = self.braces.pop() {
            let (span, label) = match (brace, self.blocks.last()) {
                (None, Some(block)) => (block.span, format!("'{}' is not closed", block.keyword())),
                (None, None) => continue,
                (Some(span), _) => (span, "this brace is not closed".to_owned()),
            };
            if brace.is_none() {
                self.close(None, sink);
            }
            let plural = if missing == 1 { "" } else { "s" };
            let message = || format!("{missing} closing brace{plural} missing at the end of the configuration");
            let said = diagnostic.unwrap_or_else(|| {
                Diagnostic::new(&code::MISSING_END, span, message())
                    .help("write a `}` on a line of its own where the block ends")
            });
            diagnostic = Some(if said.labels.len() < 3 {
                said.label(span, label)
            } else {
                said
            });
        }
        if let Some(diagnostic) = diagnostic {
            diagnostics.push(diagnostic.help("close each block with a `}` on a line of its own"));
        }
        if let Some(done) = self.pending.take() {
            sink(done);
        }
    }

    /// Closes the innermost block.
    fn close(&mut self, close: Option<Span>, sink: &mut dyn FnMut(Statement)) {
        let Some(mut statement) = self.blocks.pop() else {
            return;
        };
        if let Some(body) = &mut statement.body {
            body.close = close;
            body.statements.shrink_to_fit();
        }
        self.complete(statement, sink);
    }

    fn innermost(&mut self) -> Option<&mut Body> {
        self.blocks.last_mut().and_then(|statement| statement.body.as_mut())
    }
}
