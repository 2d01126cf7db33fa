//! Measures side by side, and says what can be told from it.
//!
//! Times of two runs or two machines do not compare; ratios of one run do. So everything here is about one [`Run`]:
//! [`Rounds`] lets contenders take turns, [`Samples`] keeps what each took, a [`Reading`] compares two [`Series`] with the
//! [`Interval`] that the ratio lies in, and a [`Key`] names the comparison and its [`Target`]. A [`Part`] is what belongs
//! together.
//!
//! Nothing in this crate prints or knows hostler: `hostler-bench` and `hostler bench` do.

mod chance;
mod contender;
mod interval;
mod judgement;
mod key;
mod part;
mod reading;
mod rounds;
mod samples;
mod series;
mod target;

pub use contender::Contender;
pub use interval::{Interval, NOISY};
pub use judgement::{Difference, Held, Judgement};
pub use key::{KEYS, Key};
pub use part::Part;
pub use reading::Reading;
pub use rounds::Rounds;
pub use samples::{Samples, Statistic};
pub use series::Series;
pub use target::{Op, Target, targets};
