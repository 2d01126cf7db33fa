//! Measures side by side, and says what can be told from it.
//!
//! Times of two runs or two machines do not compare; ratios of one run do. So everything here is about one [`Run`]:
//! [`Rounds`] lets contenders take turns, [`Samples`] keeps what each took, a [`Reading`] compares two [`Series`] with the
//! [`Interval`] that the ratio lies in, and a [`Key`] names the comparison and its [`Target`]. A [`Part`] is what belongs
//! together.
//!
//! A [`Document`] is what is written of a run, and read again as a baseline; [`table()`], [`page()`], [`picture()`] and [`markdown()`] show it.
//!
//! Nothing in this crate prints or knows hostler: `hostler-bench` and `hostler bench` do.

mod amount;
mod baseline;
mod chance;
mod chart;
mod contender;
mod document;
mod interval;
mod judgement;
mod key;
mod machine;
mod markdown;
mod page;
mod part;
mod reading;
mod rounds;
mod run;
mod samples;
mod series;
mod table;
mod target;

pub use baseline::{BaselineError, Change, Changes, Verdict};
pub use chart::ChartError;
pub use contender::Contender;
pub use document::{Document, PartDocument, ReadingDocument, Summary};
pub use interval::{Interval, NOISY};
pub use judgement::{Difference, Held, Judgement};
pub use key::{KEYS, Key};
pub use machine::Machine;
pub use markdown::markdown;
pub use page::{PageError, page, picture};
pub use part::Part;
pub use reading::Reading;
pub use rounds::Rounds;
pub use run::Run;
pub use samples::{Samples, Statistic};
pub use series::Series;
pub use table::{changes_table, table};
pub use target::{Op, Target, targets};
