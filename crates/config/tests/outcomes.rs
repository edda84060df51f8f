//! Section 17 of the description of the configuration language: the exit code of `-t`, and the code of what is said. The
//! compliance tests hold the same rows against the original.

mod common;

use common::{load, said};

/// One row of the file.
struct Row<'a> {
    title: &'a str,
    exit: u8,
    code: &'a str,
    text: &'a str,
}

fn rows(file: &str) -> Vec<Row<'_>> {
    file.split("\n=== ")
        .skip(1)
        .map(|row| {
            let (title, text) = row.split_once('\n').unwrap_or((row, ""));
            let columns: Vec<&str> = title.split('|').map(str::trim).collect();
            let exit = columns
                .get(2)
                .and_then(|c| c.strip_prefix("ours "))
                .and_then(|c| c.parse().ok());
            Row {
                title,
                exit: exit.unwrap_or(u8::MAX),
                code: columns.get(3).copied().unwrap_or(""),
                text,
            }
        })
        .collect()
}

#[test]
fn rows_have_their_exit_codes_and_diagnostics() {
    let rows = rows(include_str!("data/outcomes.txt"));
    assert!(rows.len() >= 80, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let loaded = load(row.text);
        let said = said(&loaded);
        let as_said = if row.code.is_empty() {
            row.exit != 0 || loaded.diagnostics.items().iter().all(|d| d.code.id.starts_with("KA9"))
        } else {
            said.iter().any(|line| line.starts_with(row.code))
        };
        let exit = loaded.diagnostics.test_exit_code();
        if exit != row.exit || !as_said {
            wrong.push(format!("{}\n  exit {exit}, said:\n  {}", row.title, said.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
