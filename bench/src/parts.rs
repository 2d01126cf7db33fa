//! The parts of the benchmark, in the order in which they are measured.

use hostler_measure::Part;

use crate::effort::Effort;
use crate::surroundings::Surroundings;
use crate::{compute, cost, enable, files, first, honesty, memory, scale, stop, throughput};

/// Measures one part.
pub(crate) type Measure = fn(&Surroundings, &Effort) -> anyhow::Result<Part>;

/// All parts, by name. Memory comes first, so that nothing else of this process hides growth.
pub(crate) const PARTS: [(&str, Measure); 10] = [
    ("memory", memory::measure),
    ("enable", enable::measure),
    ("throughput", throughput::measure),
    ("first", first::measure),
    ("compute", compute::measure),
    ("files", files::measure),
    ("stop", stop::measure),
    ("scale", scale::measure),
    ("cost", cost::measure),
    ("honesty", honesty::measure),
];
