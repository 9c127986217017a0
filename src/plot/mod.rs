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

mod backlog;
mod bars;
mod calibration;
mod collateral;
mod cover;
mod curves;
mod dates;
mod demand;
mod fan;
mod font;
mod gantt;
mod heat;
mod panels;
mod picture;
mod ramp;
mod raster;
mod scale;
mod sheet;
mod strip;
mod theme;
mod tornado;
mod waterfall;

#[cfg(test)]
mod tests;

pub use backlog::{Backlog, BacklogQuarter};
pub use calibration::Calibration;
pub use collateral::{Collateral, CollateralQuarter};
pub use cover::{Covenant, Cover, CoverQuarter};
pub use curves::{Curve, Curves};
pub use demand::{Demand, DemandPanel, DemandWeek};
pub use fan::{Fan, FanPoint};
pub use gantt::{Gantt, Progress, Row, Wait};
pub use heat::{HeatMap, HeatRow};
pub use picture::Picture;
pub use ramp::{Ramp, Steps};
pub use strip::{Strip, StripRow};
pub use theme::Theme;
pub use tornado::{Tornado, TornadoBar};
pub use waterfall::Waterfall;

/// Why a picture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The PNG encoder refused the picture.
    #[error("cannot encode the picture as PNG")]
    Png(#[from] png::EncodingError),
}
