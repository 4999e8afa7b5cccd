//! Another state implements its side of the exchange from the contract alone: nothing in it goes without an explanation.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

const EXCHANGE: &str = "straznica/spoc/v1/spoc_exchange.proto";

/// Numbers of fields in descriptors, which make up the paths of comments (descriptor.proto).
mod number {
    pub(super) const MESSAGE: i32 = 4;
    pub(super) const ENUM: i32 = 5;
    pub(super) const SERVICE: i32 = 6;
    pub(super) const FIELD: i32 = 2;
    pub(super) const NESTED: i32 = 3;
    pub(super) const NESTED_ENUM: i32 = 4;
    pub(super) const VALUE: i32 = 2;
    pub(super) const METHOD: i32 = 2;
}

/// Names of everything in a file, by path.
#[derive(Default)]
struct Things(Vec<(Vec<i32>, String)>);

impl Things {
    fn all(file: &FileDescriptorProto) -> Self {
        let mut all = Self::default();
        for (at, message) in (0..).zip(&file.message_type) {
            all.message(&[number::MESSAGE, at], message);
        }
        for (at, one) in (0..).zip(&file.enum_type) {
            all.enumeration(&[number::ENUM, at], one);
        }
        for (at, service) in (0..).zip(&file.service) {
            let path = [number::SERVICE, at];
            all.thing(&path, service.name());
            for (at, method) in (0..).zip(&service.method) {
                all.thing(&[&path[..], &[number::METHOD, at]].concat(), method.name());
            }
        }
        all
    }

    fn message(&mut self, path: &[i32], message: &DescriptorProto) {
        self.thing(path, message.name());
        for (at, field) in (0..).zip(&message.field) {
            self.thing(&[path, &[number::FIELD, at]].concat(), &format!("{}.{}", message.name(), field.name()));
        }
        for (at, nested) in (0..).zip(&message.nested_type) {
            self.message(&[path, &[number::NESTED, at]].concat(), nested);
        }
        for (at, nested) in (0..).zip(&message.enum_type) {
            self.enumeration(&[path, &[number::NESTED_ENUM, at]].concat(), nested);
        }
    }

    fn enumeration(&mut self, path: &[i32], one: &EnumDescriptorProto) {
        self.thing(path, one.name());
        for (at, value) in (0..).zip(&one.value) {
            self.thing(&[path, &[number::VALUE, at]].concat(), value.name());
        }
    }

    fn thing(&mut self, path: &[i32], name: &str) {
        self.0.push((path.to_vec(), name.to_owned()));
    }
}

/// What stands in a file without a comment above it.
fn undocumented(file: &FileDescriptorProto) -> Vec<String> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let comments: BTreeMap<&[i32], &str> =
        locations.map(|location| (location.path.as_slice(), location.leading_comments())).collect();
    let silent = |path: &[i32]| comments.get(path).is_none_or(|comment| comment.trim().is_empty());
    Things::all(file).0.into_iter().filter(|(path, _)| silent(path)).map(|(_, name)| name).collect()
}

fn exchange() -> FileDescriptorProto {
    let set = FileDescriptorSet::decode(straznica_contracts::FILE_DESCRIPTOR_SET).unwrap();
    set.file.into_iter().find(|file| file.name() == EXCHANGE).unwrap()
}

#[test]
fn everything_in_the_exchange_between_states_is_explained() {
    assert_eq!(undocumented(&exchange()), Vec::<String>::new());
}

#[test]
fn what_lacks_an_explanation_is_named() {
    let file = exchange();
    let things = Things::all(&file).0.len();
    // four operations with their messages, five sets of codes
    assert!(things > 60, "{things}");
    let mut bare = file.clone();
    bare.source_code_info = None;
    assert_eq!(undocumented(&bare).len(), things);
    for (path, name) in Things::all(&file).0 {
        let mut file = file.clone();
        let info = file.source_code_info.as_mut().unwrap();
        info.location.iter_mut().filter(|location| location.path == path).for_each(|one| one.leading_comments = None);
        assert_eq!(undocumented(&file), [name]);
    }
}
