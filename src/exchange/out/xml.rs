//! XML, element by element.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text;

/// A document that grows at its end.
pub struct Document {
    out: Writer<Vec<u8>>,
}

const WRITTEN: &str = "writing to memory does not fail";

impl Document {
    /// A document whose root has one namespace.
    pub fn new(root: &str, namespace: &str) -> Document {
        let mut document = Document { out: Writer::new_with_indent(Vec::new(), b' ', 2) };
        document.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))));
        let mut start = BytesStart::new(root);
        start.push_attribute(("xmlns", namespace));
        document.event(Event::Start(start));
        document
    }

    fn event(&mut self, event: Event) {
        self.out.write_event(event).expect(WRITTEN);
    }

    /// An element with what `inside` writes.
    pub fn element(&mut self, name: &str, inside: impl FnOnce(&mut Document)) {
        self.event(Event::Start(BytesStart::new(name)));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with text, escaped, without characters that XML cannot hold.
    pub fn text(&mut self, name: &str, value: impl ToString) {
        self.event(Event::Start(BytesStart::new(name)));
        self.event(Event::Text(BytesText::new(&text::plain(&value.to_string()))));
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with `1` or `0`.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.text(name, u8::from(value));
    }

    /// The whole text, its root closed.
    pub fn finish(mut self, root: &str) -> String {
        self.event(Event::End(BytesEnd::new(root)));
        let text = String::from_utf8(self.out.into_inner()).expect("made of strings");
        text + "\n"
    }
}
