//! Memory, tables and instances of a component, counted over the whole of it.
//!
//! wasmtime's own limits hold for each memory and each table, of which a component may have many: this one adds them
//! up.

use wasmtime::ResourceLimiter;

use crate::limits::{LimitName, LimitReached, Limits, Usage};

/// Counts what a store allocates, and refuses what goes beyond the limits.
#[derive(Debug)]
pub(super) struct Meter {
    memory: Total,
    table_elements: Total,
    instances: usize,
    memories: usize,
    tables: usize,
}

/// A sum with a limit and a peak.
#[derive(Debug)]
struct Total {
    limit: u64,
    now: u64,
    peak: u64,
    refused: Option<u64>,
    /// What was granted last and may yet fail.
    pending: u64,
}

impl Total {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            now: 0,
            peak: 0,
            refused: None,
            pending: 0,
        }
    }

    /// Whether growing one part from `current` to `desired` keeps the sum within the limit. What goes beyond the part's
    /// own `maximum` is refused by the engine, and counts for nothing.
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        self.pending = 0;
        if maximum.is_some_and(|maximum| desired > maximum) {
            return true;
        }
        let more = desired.saturating_sub(current) as u64;
        match self.now.checked_add(more).filter(|sum| *sum <= self.limit) {
            Some(sum) => {
                self.now = sum;
                self.pending = more;
                self.peak = self.peak.max(sum);
                true
            }
            None => {
                self.refused = Some(more);
                false
            }
        }
    }
}

impl Total {
    /// What was granted last did not come about. The peak stays: it was asked for and held for a moment.
    fn give_back(&mut self) {
        self.now = self.now.saturating_sub(std::mem::take(&mut self.pending));
    }
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Total::new(limits.value(LimitName::Memory)),
            table_elements: Total::new(limits.value(LimitName::TableElements)),
            instances: limits.size(LimitName::Instances),
            memories: limits.size(LimitName::Memories),
            tables: limits.size(LimitName::Tables),
        }
    }

    /// Writes peaks and refusals into `usage`.
    pub(super) fn report(&self, usage: &mut Usage) {
        for (name, total) in [
            (LimitName::Memory, &self.memory),
            (LimitName::TableElements, &self.table_elements),
        ] {
            usage.record(name, total.peak);
            if total.refused.is_some() {
                usage.reach(name);
            }
        }
    }

    /// The limit whose refusal made instantiation fail, if one did.
    pub(super) fn refused(&self, limits: &Limits) -> Option<LimitReached> {
        [
            (LimitName::Memory, &self.memory),
            (LimitName::TableElements, &self.table_elements),
        ]
        .into_iter()
        .find_map(|(name, total)| {
            let asked = Some(total.refused?);
            Some(LimitReached {
                used: Some(total.now),
                asked,
                ..LimitReached::new(name, limits)
            })
        })
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow(current, desired, maximum))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.table_elements.grow(current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.give_back();
        Ok(())
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.table_elements.give_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }

    fn tables(&self) -> usize {
        self.tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_added_up() {
        let mut limits = Limits::default();
        limits
            .lower(LimitName::Memory, 300, crate::limits::Rule::CommandLine)
            .unwrap();
        let mut meter = Meter::new(&limits);
        assert!(meter.memory_growing(0, 200, None).unwrap());
        assert!(
            !meter.memory_growing(0, 101, None).unwrap(),
            "a second memory counts too"
        );
        assert!(meter.memory_growing(0, 50, Some(40)).unwrap(), "the engine's to refuse");
        meter
            .memory_grow_failed(wasmtime::format_err!("beyond its own maximum"))
            .unwrap();
        assert!(meter.memory_growing(200, 250, None).unwrap());
        meter.memory_grow_failed(wasmtime::format_err!("no memory")).unwrap();
        assert!(meter.memory_growing(200, 300, None).unwrap());
        let mut usage = Usage::new(&limits);
        meter.report(&mut usage);
        assert_eq!(usage.get(LimitName::Memory).used, Some(300));
        assert!(usage.get(LimitName::Memory).reached);
        assert!(!usage.get(LimitName::TableElements).reached);
    }
}
