//! The part of XML that messages need, into a small tree: no document type, no processing instructions, the five entities alone, limits on
//! everything.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};
use quick_xml::reader::NsReader;

use super::error::{Problem, SoapError, shortened};

/// A message is five levels deep; headers may bring a few more.
const MAX_DEPTH: usize = 16;
/// A full sequence of certificates and its envelope, and as many again for headers.
const MAX_ELEMENTS: usize = 1024;
/// Attributes and namespace declarations of one element.
const MAX_ATTRIBUTES: usize = 32;
/// Namespace declarations in force at a place.
const MAX_NAMESPACES: usize = 64;

/// An element with what is in it.
#[derive(Debug)]
pub(super) struct Element {
    /// Empty: none.
    pub(super) namespace: String,
    /// Local name.
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// Text outside of child elements.
    pub(super) text: String,
    /// Where it begins, bytes.
    pub(super) at: u64,
}

/// An attribute; namespace declarations are none.
#[derive(Debug)]
pub(super) struct Attribute {
    /// Empty: none.
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) value: String,
}

impl Element {
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// `name {namespace}`, for an error.
    pub(super) fn label(&self) -> String {
        shortened(&format!("{} {{{}}}", self.name, self.namespace))
    }

    /// An error at this element.
    pub(super) fn error(&self, problem: Problem) -> SoapError {
        SoapError::new(self.at, problem)
    }

    /// Refuses text between child elements.
    pub(super) fn no_text(&self) -> Result<(), SoapError> {
        if self.text.chars().all(is_white_space) {
            return Ok(());
        }
        Err(self.error(Problem::MixedContent(self.label())))
    }
}

/// White space of XML 1.0 §2.3.
pub(crate) const fn is_white_space(one: char) -> bool {
    matches!(one, ' ' | '\t' | '\n' | '\r')
}

/// Whether XML can carry a character (Char of XML 1.0 §2.2).
#[must_use]
pub const fn is_character(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Reads a document of at most `limit` bytes.
pub(super) fn read(bytes: &[u8], limit: usize) -> Result<Element, SoapError> {
    let text = text(bytes, limit)?;
    let mut tree = Tree::new(text);
    while !tree.step()? {}
    tree.finish()
}

/// The bytes as text: UTF-8, with or without its mark, every character one XML allows.
fn text(bytes: &[u8], limit: usize) -> Result<&str, SoapError> {
    if bytes.len() > limit {
        return Err(SoapError::new(limit as u64, Problem::TooLong(limit)));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|error| SoapError::new(error.valid_up_to() as u64, Problem::NotUtf8))?;
    match text.char_indices().find(|(_, one)| !is_character(*one)) {
        // UTF-16 without a mark: every other byte of the first "<?" is nil.
        Some((at, '\0')) if at < 4 => Err(SoapError::new(at as u64, Problem::NotUtf8)),
        Some((at, one)) => Err(SoapError::new(at as u64, Problem::Character(u32::from(one)))),
        None => Ok(text),
    }
}

struct Tree<'a> {
    reader: NsReader<&'a [u8]>,
    /// Elements not yet closed, the root first.
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    /// Where the event being looked at began.
    at: u64,
}

impl<'a> Tree<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        reader.resolver_mut().set_max_namespace_bindings(MAX_NAMESPACES);
        Self { reader, open: Vec::new(), root: None, elements: 0, at: 0 }
    }

    /// Takes one event; true at the end of the document.
    fn step(&mut self) -> Result<bool, SoapError> {
        self.at = self.reader.buffer_position();
        let event = self.reader.read_event().map_err(|error| self.not_well_formed(&error))?;
        match event {
            Event::Start(start) => self.begin(&start)?,
            Event::End(_) => self.end(),
            Event::Text(text) => self.add_text(&text.xml10_content())?,
            Event::CData(text) => {
                if self.open.is_empty() {
                    return Err(self.error(Problem::Trailing));
                }
                self.add_text(&text.xml10_content())?;
            }
            Event::GeneralRef(reference) => self.add_reference(&reference)?,
            Event::Decl(declaration) => {
                let encoding_is_ours = match declaration.encoding() {
                    None => true,
                    Some(Ok(name)) => name.eq_ignore_ascii_case("utf-8"),
                    Some(Err(_)) => false,
                };
                let version_is_ours = declaration.version().is_ok_and(|version| version == "1.0");
                if self.at != 0 || !version_is_ours || !encoding_is_ours {
                    return Err(self.error(Problem::Declaration));
                }
            }
            Event::DocType(_) => return Err(self.error(Problem::DocumentType)),
            Event::PI(_) => return Err(self.error(Problem::ProcessingInstruction)),
            Event::Comment(_) => {}
            // Expanded by the reader.
            Event::Empty(start) => {
                self.begin(&start)?;
                self.end();
            }
            Event::Eof => return Ok(true),
        }
        Ok(false)
    }

    fn finish(self) -> Result<Element, SoapError> {
        match (self.root, self.open.last()) {
            (Some(root), None) => Ok(root),
            (_, Some(open)) => Err(open.error(Problem::NotWellFormed("an element is not closed".to_owned()))),
            (None, None) => Err(SoapError::new(self.at, Problem::NotWellFormed("there is no element".to_owned()))),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), SoapError> {
        if self.root.is_some() {
            return Err(self.error(Problem::Trailing));
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(self.error(Problem::TooManyElements(MAX_ELEMENTS)));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(self.error(Problem::TooDeep(MAX_DEPTH)));
        }
        let resolver = self.reader.resolver();
        let (namespace, name) = resolver.resolve_element(start.name());
        let namespace = self.namespace(&namespace)?;
        let name = name.into_inner().to_owned();
        let attributes = self.attributes(start, resolver)?;
        self.open.push(Element { namespace, name, attributes, children: Vec::new(), text: String::new(), at: self.at });
        Ok(())
    }

    fn end(&mut self) {
        // The reader has seen to it that there is one, and that it is this one.
        let Some(closed) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.root = Some(closed),
        }
    }

    fn attributes(&self, start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<Vec<Attribute>, SoapError> {
        let mut attributes: Vec<Attribute> = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count == MAX_ATTRIBUTES {
                return Err(self.error(Problem::TooManyAttributes(MAX_ATTRIBUTES)));
            }
            let attribute = attribute.map_err(|error| self.not_well_formed(&error.into()))?;
            if attribute.value.contains('<') {
                return Err(self.error(Problem::NotWellFormed("an attribute contains '<'".to_owned())));
            }
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|error| self.entity_in_attribute(&error))?;
            if let Some(one) = value.chars().find(|one| !is_character(*one)) {
                return Err(self.error(Problem::Character(u32::from(one))));
            }
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, name) = resolver.resolve_attribute(attribute.key);
            let (namespace, name) = (self.namespace(&namespace)?, name.into_inner().to_owned());
            // Two prefixes of one namespace; the reader looks at the raw names alone.
            if attributes.iter().any(|one| one.namespace == namespace && one.name == name) {
                return Err(self.error(Problem::NotWellFormed("an attribute stands twice".to_owned())));
            }
            attributes.push(Attribute { namespace, name, value: value.into_owned() });
        }
        Ok(attributes)
    }

    fn namespace(&self, resolved: &ResolveResult<'_>) -> Result<String, SoapError> {
        match resolved {
            ResolveResult::Bound(namespace) => Ok(namespace.into_inner().to_owned()),
            ResolveResult::Unbound => Ok(String::new()),
            ResolveResult::Unknown(prefix) => {
                Err(self.error(Problem::NotWellFormed(format!("the prefix {} is not declared", shortened(prefix)))))
            }
        }
    }

    fn add_text(&mut self, text: &str) -> Result<(), SoapError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(is_white_space) => {}
            None if self.root.is_some() => return Err(self.error(Problem::Trailing)),
            None => return Err(self.error(Problem::NotWellFormed("there is text before the root".to_owned()))),
        }
        Ok(())
    }

    fn add_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), SoapError> {
        let resolved = match reference.resolve_char_ref() {
            Ok(Some(one)) if is_character(one) => one,
            Ok(Some(one)) => return Err(self.error(Problem::Character(u32::from(one)))),
            Ok(None) => match &**reference {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "apos" => '\'',
                "quot" => '"',
                other => return Err(self.error(Problem::Entity(shortened(other)))),
            },
            Err(error) => return Err(self.not_well_formed(&error)),
        };
        match self.open.last_mut() {
            Some(element) => element.text.push(resolved),
            None => return Err(self.error(Problem::NotWellFormed("there is text outside of the root".to_owned()))),
        }
        Ok(())
    }

    fn error(&self, problem: Problem) -> SoapError {
        SoapError::new(self.at, problem)
    }

    fn not_well_formed(&self, error: &quick_xml::Error) -> SoapError {
        let problem = match error {
            quick_xml::Error::Namespace(quick_xml::name::NamespaceError::TooManyBindings(_)) => {
                Problem::TooManyAttributes(MAX_NAMESPACES)
            }
            other => Problem::NotWellFormed(shortened(&other.to_string())),
        };
        SoapError::new(self.reader.error_position().max(self.at), problem)
    }

    fn entity_in_attribute(&self, error: &quick_xml::Error) -> SoapError {
        match error {
            quick_xml::Error::Escape(quick_xml::escape::EscapeError::UnrecognizedEntity(_, name)) => {
                self.error(Problem::Entity(shortened(name)))
            }
            other => self.not_well_formed(other),
        }
    }
}
