//! What a key means in a block: the keyword table decides between the meanings of tables and arrays.

use crate::table::{self, Block, BodyKind, Keyword, Kind};

/// How the value of a key is understood.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A statement without braces; also any keyword that is not known.
    Plain(Option<&'static Keyword>),
    /// Braces with keywords between them.
    Block {
        /// The keyword is followed by a name, which becomes a key.
        named: bool,
        /// The block, when it is known.
        block: &'static Block,
    },
    /// Braces with items between them.
    List {
        /// As for a block.
        named: bool,
    },
}

/// The shape of a keyword in a block.
pub(super) fn shape(block: Option<&'static Block>, keyword: &str) -> Shape {
    let Some((_, known)) = block.and_then(|block| block.find(keyword)) else {
        return Shape::Plain(None);
    };
    let named = !known.slots.is_empty();
    match known.body {
        BodyKind::None => Shape::Plain(Some(known)),
        BodyKind::Block(block) => Shape::Block { named, block },
        BodyKind::Items(_) | BodyKind::Names(_) => Shape::List { named },
    }
}

impl Shape {
    /// The block in which the keys of a body are looked up.
    pub(super) fn block(self) -> Option<&'static Block> {
        match self {
            Self::Block { block, .. } => Some(block),
            _ => None,
        }
    }

    pub(super) const fn named(self) -> bool {
        matches!(self, Self::Block { named: true, .. } | Self::List { named: true })
    }

    /// `false` is a word of the keyword; otherwise it means that the statement is not there.
    pub(super) fn takes_false(self) -> bool {
        match self {
            Self::Plain(None) => true,
            Self::Plain(Some(keyword)) => keyword
                .slots
                .first()
                .is_some_and(|slot| matches!(slot.kind, Kind::Bool)),
            _ => false,
        }
    }

    /// Numbers are written as numbers, not as strings of digits.
    pub(super) fn takes_number(self) -> bool {
        let Self::Plain(Some(keyword)) = self else {
            return false;
        };
        keyword.slots.first().is_some_and(|slot| {
            matches!(
                slot.kind,
                Kind::Int { .. } | Kind::CInt { .. } | Kind::U64 | Kind::Time { .. } | Kind::Port
            )
        })
    }
}

/// The top level.
pub(super) fn root() -> Option<&'static Block> {
    Some(&table::ROOT)
}
