//! Emphasis for terminals; nothing where there is none.

use anstyle::{AnsiColor, Style as Ansi};

/// Emphasis that text is written with; the writer strips it where it does not belong.
#[derive(Clone, Copy, Debug)]
pub struct Style;

impl Style {
    const HEAD: Ansi = Ansi::new().bold();
    const DIM: Ansi = Ansi::new().dimmed();
    const BAD: Ansi = AnsiColor::Red.on_default();

    /// A heading.
    pub fn head(text: &str) -> String {
        wrap(Style::HEAD, text)
    }

    /// Beside the point.
    pub fn dim(text: &str) -> String {
        wrap(Style::DIM, text)
    }

    /// Late, short, failed.
    pub fn bad(text: &str) -> String {
        wrap(Style::BAD, text)
    }
}

fn wrap(style: Ansi, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
