//! The description as one page of HTML, made from the OpenAPI document: no script, nothing from elsewhere, readable without a style sheet.

use std::fmt::Write;

use bytes::Bytes;
use serde_json::Value;

use super::{
    openapi::{TAGS, document, method_of, problems},
    routes::{Access, Route, routes},
};

/// Nothing is loaded and nothing runs; the style stands in the page.
pub(crate) const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");

/// The description in both forms, made once.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) json: Bytes,
    pub(crate) html: Bytes,
}

impl Description {
    /// Makes both forms.
    pub(crate) fn new() -> Self {
        let document = document();
        Self { json: Bytes::from(document.to_string()), html: Bytes::from(html(&document)) }
    }
}

/// Text as HTML; `code` marks become elements.
fn text(source: &str) -> String {
    let escaped = escape(source);
    let mut html = String::with_capacity(escaped.len());
    for (index, part) in escaped.split('`').enumerate() {
        if index % 2 == 1 {
            html.push_str("<code>");
            html.push_str(part);
            html.push_str("</code>");
        } else {
            html.push_str(part);
        }
    }
    html
}

fn escape(source: &str) -> String {
    source.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The page.
fn html(document: &Value) -> String {
    let mut page = Page { document, html: String::with_capacity(96 * 1024) };
    page.write();
    page.html
}

struct Page<'a> {
    document: &'a Value,
    html: String,
}

impl<'a> Page<'a> {
    fn push(&mut self, html: impl std::fmt::Display) {
        // writing into a String cannot fail
        let _ = write!(self.html, "{html}");
    }

    fn write(&mut self) {
        let info = &self.document["info"];
        let title = escape(member(info, "title"));
        self.push(format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}: REST interface</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">To the content</a>\n<div class=\"frame\">\n"
        ));
        self.contents();
        self.push(format_args!(
            "<main id=\"content\">\n<h1>{title}</h1>\n<p>{}</p>\n",
            text(member(info, "description"))
        ));
        self.push(
            "<p>The same for programs: <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p>\n\
             <p><strong>A first request</strong></p>\n\
             <pre tabindex=\"0\">curl --cert terminal.pem --key terminal.key --cacert ca.pem \\\n  \
             -X POST https://gateway.example/v1/inspections/challenge</pre>\n",
        );
        for (tag, description) in TAGS {
            self.section(tag, description);
        }
        self.schemas();
        self.push("</main>\n</div>\n</body>\n</html>\n");
    }

    fn routes(&self, tag: &str) -> Vec<(&'static Route, &'a Value)> {
        let document = self.document;
        routes()
            .map(|route| (route, &document["paths"][route.path][method_of(route)]))
            .filter(|(_, operation)| operation["tags"][0] == tag)
            .collect()
    }

    fn contents(&mut self) {
        self.push("<nav aria-label=\"Contents\">\n");
        for (tag, _) in TAGS {
            self.push(format_args!("<p><a href=\"#{}\">{}</a></p>\n<ul>\n", anchor(tag), capital(tag)));
            for (_, operation) in self.routes(tag) {
                self.push(format_args!(
                    "<li><a href=\"#{}\">{}</a></li>\n",
                    escape(member(operation, "operationId")),
                    text(member(operation, "summary"))
                ));
            }
            self.push("</ul>\n");
        }
        self.push("<p><a href=\"#schemas\">Schemas</a></p>\n</nav>\n");
    }

    fn section(&mut self, tag: &str, description: &str) {
        self.push(format_args!(
            "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n<p>{2}</p>\n",
            anchor(tag),
            capital(tag),
            text(description)
        ));
        for (route, operation) in self.routes(tag) {
            self.operation(route, operation);
        }
        self.push("</section>\n");
    }

    fn operation(&mut self, route: &Route, operation: &Value) {
        let method = method_of(route);
        let who = who(route.access);
        self.push(format_args!(
            "<article aria-labelledby=\"{0}\">\n<h3 id=\"{0}\">{1}</h3>\n\
             <p><span class=\"method {method}\">{2}</span> <code>{3}</code></p>\n<p>{4} <span class=\"soft\">{who}</span></p>\n",
            escape(member(operation, "operationId")),
            text(member(operation, "summary")),
            method.to_uppercase(),
            escape(route.path),
            text(member(operation, "description")),
        ));
        self.parameters(operation);
        if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
            self.push(format_args!("<h4>Request: {}</h4>\n", self.type_of(schema)));
            self.example("Example of a request", schema);
        }
        self.responses(route, operation);
        self.push("</article>\n");
    }

    fn parameters(&mut self, operation: &Value) {
        let own: Vec<&Value> =
            operation["parameters"].as_array().into_iter().flatten().filter(|one| one.get("name").is_some()).collect();
        if own.is_empty() {
            return;
        }
        self.push(
            "<h4>Parameters</h4>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Name</th>\
             <th scope=\"col\">In</th><th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
        );
        for parameter in own {
            self.push(format_args!(
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
                escape(member(parameter, "name")),
                escape(member(parameter, "in")),
                text(member(parameter, "description"))
            ));
        }
        self.push("</tbody></table></div>\n");
    }

    fn responses(&mut self, route: &Route, operation: &Value) {
        let refused = problems(route);
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            if status.parse().is_ok_and(|status: u16| refused.contains_key(&status)) {
                continue;
            }
            let content = response["content"].as_object().and_then(|content| content.iter().next());
            let what = match content {
                Some((kind, content)) if kind == "application/json" => self.type_of(&content["schema"]),
                Some((kind, _)) => format!("<code>{}</code>", escape(kind)),
                None => String::new(),
            };
            let description = text(member(response, "description"));
            self.push(format_args!("<h4>{status}: {description} {what}</h4>\n"));
            if let Some((kind, content)) = content
                && kind == "application/json"
            {
                self.example("Example of an answer", &content["schema"]);
            }
        }
        self.push(
            "<details><summary>Problems</summary>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Status</th>\
             <th scope=\"col\">Code</th><th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
        );
        for (status, codes) in refused {
            for code in codes {
                let id = if code.id.is_empty() {
                    "of the inner service".to_owned()
                } else {
                    format!("<code>{}</code>", code.id)
                };
                self.push(format_args!("<tr><td>{status}</td><td>{id}</td><td>{}</td></tr>\n", text(code.title)));
            }
        }
        self.push("</tbody></table></div></details>\n");
    }

    fn example(&mut self, caption: &str, schema: &Value) {
        let example = example_of(self.document, schema, 0);
        if example.is_null() {
            return;
        }
        let json = serde_json::to_string_pretty(&example).unwrap_or_default();
        self.push(format_args!(
            "<details><summary>{caption}</summary><pre tabindex=\"0\">{}</pre></details>\n",
            escape(&json)
        ));
    }

    fn schemas(&mut self) {
        self.push("<section aria-labelledby=\"schemas\">\n<h2 id=\"schemas\">Schemas</h2>\n");
        let schemas = self.document["components"]["schemas"].as_object();
        for (name, schema) in schemas.into_iter().flatten() {
            self.push(format_args!(
                "<article aria-labelledby=\"schema-{0}\">\n<h3 id=\"schema-{0}\">{0}</h3>\n<p>{1}</p>\n",
                escape(name),
                text(member(schema, "description"))
            ));
            if let Some(words) = schema["enum"].as_array() {
                let words: Vec<_> = words
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|word| format!("<code>{}</code>", escape(word)))
                    .collect();
                self.push(format_args!("<p>One of {}.</p>\n", words.join(", ")));
            }
            self.members(schema);
            self.push("</article>\n");
        }
        self.push("</section>\n");
    }

    fn members(&mut self, schema: &Value) {
        let Some(properties) = schema["properties"].as_object() else { return };
        self.push(
            "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Type</th>\
             <th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
        );
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in properties {
            let must = if required.iter().any(|one| one == name) { "required" } else { "optional" };
            let kind = self.type_of(property);
            self.push(format_args!(
                "<tr><td><code>{}</code> <span class=\"must\">{must}</span></td><td>{kind}</td><td>{}</td></tr>\n",
                escape(name),
                text(description_of(property))
            ));
        }
        self.push("</tbody></table></div>\n");
    }

    /// A type in words, named schemas as links.
    fn type_of(&self, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            if let Some(first) = schema[choice].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null"))
                && schema["properties"].is_null()
            {
                return self.type_of(first);
            }
        }
        let kind = match &schema["type"] {
            Value::String(kind) => kind.as_str(),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("any"),
            _ => "any",
        };
        match kind {
            "array" => format!("list of {}", self.type_of(&schema["items"])),
            _ => match schema["format"].as_str() {
                Some(format) => format!("{}, {}", escape(kind), escape(format)),
                None => escape(kind),
            },
        }
    }
}

/// Whom an address is for.
fn who(access: Access) -> String {
    let who = match access {
        Access::Anyone => "anyone",
        Access::Terminal => "an enrolled terminal",
        Access::Operator => "an operator",
        Access::Authority => "another authority's system",
        Access::Consulted => "a consulted body's system",
        Access::Consumer => "an authority that reads the register of aliens",
        Access::SecurityOfficer => "a security officer of the node",
        Access::Newcomer => "whoever is about to log in",
        Access::Person => "whoever is logged in",
        Access::Citizen => "a citizen who is logged in",
        Access::Roles(roles) => {
            let names: Vec<_> = roles.iter().map(|role| role.as_str().replace('_', " ")).collect();
            return format!("For whoever is logged in as {}.", names.join(" or "));
        }
    };
    format!("For {who}.")
}

/// A property's own description, or that of the one schema it refers to through a choice with null.
fn description_of(property: &Value) -> &str {
    let own = member(property, "description");
    if !own.is_empty() {
        return own;
    }
    let choices = property["oneOf"].as_array().into_iter().flatten();
    choices.map(|choice| member(choice, "description")).find(|description| !description.is_empty()).unwrap_or_default()
}

/// An example value of a schema, from the examples of its members.
pub(crate) fn example_of(document: &Value, schema: &Value, depth: usize) -> Value {
    const DEEPEST: usize = 8;
    if depth > DEEPEST {
        return Value::Null;
    }
    let given = schema.get("example").or_else(|| schema.get("examples").and_then(|examples| examples.get(0)));
    if let Some(example) = given {
        return example.clone();
    }
    if let Some(pointer) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        return document.pointer(pointer).map_or(Value::Null, |schema| example_of(document, schema, depth + 1));
    }
    if let Some(properties) = schema["properties"].as_object() {
        let members =
            properties.iter().map(|(name, property)| (name.clone(), example_of(document, property, depth + 1)));
        return members.filter(|(_, value)| !value.is_null()).collect();
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return example_of(document, first, depth + 1);
        }
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("array") => Value::Array(vec![example_of(document, &schema["items"], depth + 1)]),
        Some("boolean") => Value::Bool(true),
        _ => Value::Null,
    }
}

fn anchor(tag: &str) -> String {
    tag.replace(' ', "-")
}

fn capital(tag: &str) -> String {
    let mut characters = tag.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements without an end tag.
    const VOID: [&str; 2] = ["meta", "br"];

    fn page() -> String {
        html(&document())
    }

    #[test]
    fn every_element_is_closed_in_its_order() {
        let page = page();
        let body = &page[page.find("<body>").unwrap()..];
        let mut open: Vec<&str> = Vec::new();
        for tag in body.split('<').skip(1) {
            let name = tag.split(['>', ' ']).next().unwrap();
            match name.strip_prefix('/') {
                Some("html") => assert!(open.is_empty()),
                Some(closed) => assert_eq!(open.pop(), Some(closed), "…<{tag}"),
                None if VOID.contains(&name) => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn every_link_leads_to_something_on_the_page_and_no_name_is_given_twice() {
        let page = page();
        let values = |attribute: &str| -> Vec<String> {
            let parts = page.split(attribute).skip(1);
            parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
        };
        let names = values(" id=\"");
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        for link in values(" href=\"").iter().filter(|link| *link != "/openapi.json") {
            assert!(names.iter().any(|name| link.strip_prefix('#') == Some(name)), "{link}");
        }
    }

    #[test]
    fn what_comes_from_the_document_is_text_and_no_markup() {
        assert_eq!(text("<b> & `a<b` \"c\""), "&lt;b&gt; &amp; <code>a&lt;b</code> &quot;c&quot;");
    }
}
