//! Writing HTML so that nothing from an input file can become markup.
//!
//! Tags, names of attributes and raw text are literals of this program (`&'static str`); all that
//! is only known at run time is escaped on its way in. Blocks are closed by the function that opens
//! them.

use serde_json::Value;

/// Attributes: names are ours, values may come from anywhere.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// A growing page.
#[derive(Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// All that was written.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Markup that is part of this program.
    pub(super) fn raw(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// An element around what `inside` writes.
    pub(super) fn block(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Html),
    ) {
        self.open(tag, attributes);
        inside(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }

    /// An element that holds nothing but text.
    pub(super) fn line(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.block(tag, attributes, |html| html.text(text));
    }

    /// An element without an end tag.
    pub(super) fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            push_escaped(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// What was written apart.
    pub(super) fn part(&mut self, part: Html) {
        self.out.push_str(&part.out);
    }

    /// Text that a reader sees.
    pub(super) fn text(&mut self, text: &str) {
        push_escaped(&mut self.out, text);
    }

    /// Data for the script of the page. `<` never appears in it, so nothing in it ends the element.
    pub(super) fn data(&mut self, id: &'static str, data: &Value) {
        self.open("script", &[("type", "application/json"), ("id", id)]);
        self.out.push_str(&json_text(data));
        self.out.push_str("</script>\n");
    }
}

/// JSON in which what could end a script element, or a line of an old script, is written as an
/// escape.
fn json_text(data: &Value) -> String {
    let mut text = String::new();
    for c in data.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ if turns(c) => text.push_str("\\ufffd"),
            _ => text.push(c),
        }
    }
    text
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            _ if c.is_control() || turns(c) => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
    }
}

/// Whether a character changes the direction of the text after it: such a one in a name would
/// turn around what stands beside it. Letters of right-to-left scripts do not.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_stays_text_wherever_it_stands() {
        let mut html = Html::default();
        html.line("p", &[("title", "a\" onclick=\"x")], "</p><script>alert('&')</script>\u{202E}");
        assert_eq!(
            html.finish(),
            "<p title=\"a&quot; onclick=&quot;x\">&lt;/p&gt;&lt;script&gt;alert(&#39;&amp;&#39;)\
             &lt;/script&gt;\u{FFFD}</p>\n"
        );
    }

    proptest! {
        #[test]
        fn data_never_ends_its_element_and_reads_as_it_was(text in "[\\PC<>/&'\"!-]*") {
            prop_assume!(!text.chars().any(turns));
            let written = json_text(&Value::from(text.clone()));
            prop_assert!(!written.contains('<') && !written.contains('&'));
            let read: Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read, Value::from(text));
        }

        #[test]
        fn escaped_text_holds_nothing_that_opens_or_ends_markup(text in "\\PC*[<>&\"'\u{1}]*") {
            let mut out = String::new();
            push_escaped(&mut out, &text);
            prop_assert!(!out.contains(['<', '>', '"', '\'']), "{}", out);
        }
    }
}
