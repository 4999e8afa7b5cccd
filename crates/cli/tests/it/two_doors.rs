//! What is done at the desk is done over REST too, and the officers' page says where (docs/operations/spoc.md).

use std::collections::{BTreeMap, BTreeSet};

use clap::{Command, CommandFactory as _, Parser as _};
use serde_json::Value;
use straznica_cli::arguments::Arguments;

const PAGE: &str = include_str!("../../../../docs/operations/spoc.md");
const DESCRIPTION: &str = include_str!("../../../../docs/openapi/gateway.json");

/// What asks no node of ours, so that there is nothing to offer over REST.
const LOCAL: [&str; 3] = ["spoc conformance", "spoc partners example", "spoc partners profile"];

/// Every command below `command` that has none below itself, with what its help ends in.
fn leaves(command: &Command, words: &str, found: &mut BTreeMap<String, String>) {
    if command.get_subcommands().next().is_none() {
        let example = command.get_after_help().map(ToString::to_string);
        found.insert(words.to_owned(), example.unwrap_or_default());
    }
    for below in command.get_subcommands() {
        leaves(below, &format!("{words} {}", below.get_name()), found);
    }
}

fn commands() -> BTreeSet<String> {
    examples().into_keys().collect()
}

fn examples() -> BTreeMap<String, String> {
    let all = Arguments::command();
    let mut found = BTreeMap::new();
    for group in ["spoc", "pki"] {
        leaves(all.find_subcommand(group).unwrap(), group, &mut found);
    }
    found
}

/// Every address of the exchange, e.g. `GET /v1/spoc/partners`.
fn addresses() -> BTreeSet<String> {
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let paths = description["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/spoc/"));
    let verbs = paths.flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |verb| (verb, path)));
    verbs.map(|(verb, path)| format!("{} {path}", verb.to_uppercase())).collect()
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The rows of the page's table: a command, and its addresses.
fn table() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let (_, section) = PAGE.split_once("\n## 10. Each command and its address\n").expect("the page has the table");
    let mut rows = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        let [command, addresses] = cells[..] else { panic!("two columns: {line}") };
        let command = quoted(command).next().unwrap();
        assert!(rows.insert(command, quoted(addresses).collect()).is_none(), "{command} is there twice");
    }
    rows
}

#[test]
fn every_command_at_the_desk_has_its_address_on_the_officers_page() {
    let table = table();
    let rows: BTreeSet<_> = table.keys().map(|command| (*command).to_owned()).collect();
    let commands = commands();
    assert!(commands.len() > 50, "{commands:?}");
    assert_eq!(commands.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new(), "commands without a row");
    assert_eq!(rows.difference(&commands).collect::<Vec<_>>(), Vec::<&String>::new(), "rows without a command");
    let nowhere: Vec<_> = table.iter().filter(|(_, addresses)| addresses.is_empty()).map(|(name, _)| *name).collect();
    assert_eq!(nowhere, LOCAL, "only what asks no node is at the desk alone");
}

#[test]
fn every_address_of_the_exchange_is_a_commands() {
    let addresses = addresses();
    let listed: BTreeSet<_> = table().into_values().flatten().map(ToOwned::to_owned).collect();
    assert_eq!(listed.difference(&addresses).collect::<Vec<_>>(), Vec::<&String>::new(), "no such address");
    assert_eq!(addresses.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "addresses without a command");
}

#[test]
fn what_the_page_has_officers_type_can_be_typed() {
    let commands = commands();
    let mut typed = 0;
    for (place, words) in PAGE.match_indices("straznica ").map(|(place, word)| (place, &PAGE[place + word.len()..])) {
        if !["spoc ", "pki "].iter().any(|group| words.starts_with(group) && !words[group.len()..].starts_with('…')) {
            continue;
        }
        typed += 1;
        let words = words.lines().next().unwrap();
        let is_it = |command: &&String| {
            let rest = words.strip_prefix(command.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '`', ',']))
        };
        assert!(commands.iter().any(|command| is_it(&command)), "at {place}: {words}");
    }
    assert!(typed > 40, "{typed}");
}

#[test]
fn every_command_shows_how_it_is_typed() {
    let without: Vec<_> = examples()
        .into_iter()
        .filter(|(command, example)| !example.contains(&format!("straznica {command}")))
        .map(|(command, _)| command)
        .collect();
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn every_example_is_taken() {
    for (command, help) in examples() {
        let help = help.replace(" \\\n", " ");
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("straznica ")) {
            let line = line.split(" > ").next().unwrap();
            let access = ["--spoc", "127.0.0.1:7101", "--certificate", "OP-07.pem"];
            let mut words = typed(line);
            if !LOCAL.contains(&command.as_str()) {
                words.extend(access.map(ToOwned::to_owned));
            }
            let read = Arguments::try_parse_from(["straznica".to_owned()].into_iter().chain(words));
            assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
        }
    }
}

/// The words of a line, as a shell takes them apart.
fn typed(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(sign),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
