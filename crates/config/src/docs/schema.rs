//! The JSON schema of the TOML form, and the option list of the NixOS module.

use serde_json::{Map, Value, json};

use super::words;
use crate::table::{BLOCKS, Block, BodyKind, Keyword, Kind, Slot, TimeUnit};

/// The schema, as JSON text.
#[must_use]
pub fn json_schema() -> String {
    let mut definitions = Map::new();
    for block in BLOCKS.iter().filter(|block| is_container(block)) {
        definitions.insert(definition_name(block), block_schema(block));
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "keepalived.toml",
        "description": "The TOML form of the configuration of keepalived",
        "$ref": "#/$defs/root",
        "$defs": definitions,
    });
    pretty(&schema)
}

/// One entry for each keyword: name, type, default, description; as JSON text.
#[must_use]
pub fn options() -> String {
    let mut list = Vec::new();
    for block in BLOCKS.iter().filter(|block| is_container(block)) {
        for keyword in block.keywords {
            let name = if block.path.is_empty() {
                keyword.name.to_owned()
            } else {
                format!("{}.{}", block.path, keyword.name)
            };
            list.push(json!({
                "name": name,
                "syntax": words::syntax(keyword),
                "type": type_name(keyword),
                "default": keyword.default,
                "values": keyword.values,
                "description": keyword.doc,
                "since": keyword.since,
                "status": words::status(keyword.status),
                "deprecated": keyword.deprecated.map(|d| d.by),
            }));
        }
    }
    pretty(&Value::Array(list))
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// Blocks of keywords: not options of items, not the language.
fn is_container(block: &Block) -> bool {
    !block.path.contains('<')
}

fn definition_name(block: &Block) -> String {
    if block.path.is_empty() {
        "root".to_owned()
    } else {
        block.path.to_owned()
    }
}

fn block_schema(block: &Block) -> Value {
    let mut properties = Map::new();
    for keyword in block.keywords {
        properties.insert(keyword.name.to_owned(), keyword_schema(keyword));
    }
    json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { "^_(args|items|line|order)$": true },
        "additionalProperties": false,
    })
}

fn keyword_schema(keyword: &Keyword) -> Value {
    let mut schema = value_schema(keyword);
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_owned(), description(keyword).into());
        if keyword.deprecated.is_some() {
            map.insert("deprecated".to_owned(), true.into());
        }
    }
    schema
}

fn description(keyword: &Keyword) -> String {
    let mut text = keyword.doc.to_owned();
    if !keyword.values.is_empty() {
        text.push_str(" Values: ");
        text.push_str(keyword.values);
        text.push('.');
    }
    if !keyword.default.is_empty() {
        text.push_str(" Default: ");
        text.push_str(keyword.default);
        text.push('.');
    }
    text
}

/// As docs/toml.md describes: a repeated statement is an array, a name after the keyword is a key, `false` leaves a statement out.
fn value_schema(keyword: &Keyword) -> Value {
    match keyword.body {
        BodyKind::Block(inner) => {
            let reference = json!({ "$ref": format!("#/$defs/{}", definition_name(inner)) });
            let body = one_or_more(&reference);
            if keyword.slots.is_empty() {
                body
            } else {
                json!({ "type": "object", "additionalProperties": body })
            }
        }
        BodyKind::Items(_) if keyword.slots.is_empty() => item_list(),
        BodyKind::Items(_) => json!({ "type": "object", "additionalProperties": item_list() }),
        BodyKind::Names(_) => json!({ "type": ["array", "object"], "items": { "type": ["string", "array"] } }),
        BodyKind::None => one_or_more(&arguments_schema(keyword)),
    }
}

fn one_or_more(one: &Value) -> Value {
    json!({ "anyOf": [one, { "type": "array" }] })
}

fn item_list() -> Value {
    json!({ "type": ["array", "object"], "items": { "type": ["string", "array", "object"] } })
}

fn arguments_schema(keyword: &Keyword) -> Value {
    match keyword.slots {
        [] => json!({ "type": "boolean" }),
        [slot] => slot_schema(slot),
        _ => json!({ "type": ["string", "number", "boolean", "array", "object"] }),
    }
}

fn slot_schema(slot: &Slot) -> Value {
    match slot.kind {
        Kind::Int { min, max } => json!({ "type": ["integer", "string", "boolean"], "minimum": min, "maximum": max }),
        Kind::CInt { min, max } => json!({ "type": ["integer", "string", "boolean"], "minimum": min, "maximum": max }),
        Kind::Time { unit, min, max } => {
            let per_unit = if unit == TimeUnit::Millis { 1e3 } else { 1e6 };
            json!({ "type": ["number", "string", "boolean"], "minimum": min as f64 / per_unit, "maximum": max as f64 / per_unit })
        }
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Choice { words, any_case: false } => json!({ "enum": choices(slot, words) }),
        Kind::Port | Kind::U64 => json!({ "type": ["integer", "string"] }),
        Kind::Rest { .. } | Kind::Script => json!({ "type": ["string", "integer", "boolean", "array", "object"] }),
        _ => json!({ "type": ["string", "boolean"] }),
    }
}

/// An optional choice may also stand alone, which TOML writes as `true`.
fn choices(slot: &Slot, words: &[&str]) -> Vec<Value> {
    let mut list: Vec<Value> = words.iter().map(|word| (*word).into()).collect();
    if slot.presence == crate::table::Presence::Optional {
        list.push(true.into());
    }
    list
}

/// Type of an option of the NixOS module.
fn type_name(keyword: &Keyword) -> &'static str {
    match (keyword.body, keyword.slots) {
        (BodyKind::Block(_), []) => "submodule",
        (BodyKind::Block(_), _) => "attrsOf submodule",
        (BodyKind::Items(_) | BodyKind::Names(_), []) => "listOf str",
        (BodyKind::Items(_) | BodyKind::Names(_), _) => "attrsOf (listOf str)",
        (BodyKind::None, []) => "bool",
        (BodyKind::None, [slot]) => match slot.kind {
            Kind::Int { .. } => "int",
            Kind::Time { .. } => "number",
            Kind::Bool => "bool",
            Kind::Choice { .. } => "enum",
            _ => "str",
        },
        (BodyKind::None, _) => "str",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_keyword_is_an_option() {
        let list: Vec<Value> = serde_json::from_str(&options()).unwrap_or_default();
        assert_eq!(list.len(), 531 + 4, "with extensions of our own");
    }

    #[test]
    fn references_of_the_schema_exist() {
        let schema: Value = serde_json::from_str(&json_schema()).unwrap_or_default();
        let text = schema.to_string();
        let mut count = 0;
        for piece in text.split("\"#/$defs/").skip(1) {
            let name = piece.split('"').next().unwrap_or("");
            assert!(schema["$defs"].get(name).is_some(), "{name}");
            count += 1;
        }
        assert!(count > 20);
    }
}
