//! Charts: plain data in, a picture out.
//!
//! Each chart is a struct of plain data ([`Ramp`], [`Gantt`], [`Cover`]) with a `draw` that lays it
//! out at whole pixels and hands back a [`Picture`], which writes itself as SVG or PNG. Layout is
//! measured with one bundled font, so a picture has the same bytes on every machine. Rules that all
//! charts keep: the kind of megawatt is named in the axis title; one axis, never two, over one
//! plot; legends and labels stand outside the data; a colour means the same in every chart;
//! whatever is cut off is marked.
//!
//! Money and dates arrive in their own types and become floating-point only to find a pixel.

mod cover;
mod dates;
mod font;
mod gantt;
mod picture;
mod ramp;
mod raster;
mod scale;
mod sheet;
mod theme;

#[cfg(test)]
mod tests;

pub use cover::{Covenant, Cover, CoverQuarter};
pub use gantt::{Gantt, Progress, Row, Wait};
pub use picture::Picture;
pub use ramp::{Ramp, Steps};
pub use theme::Theme;

/// Why a picture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The PNG encoder refused the picture.
    #[error("cannot encode the picture as PNG")]
    Png(#[from] png::EncodingError),
}
