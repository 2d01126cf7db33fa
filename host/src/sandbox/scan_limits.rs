//! How much of a component is compiled at most.

/// Bounds of what is compiled. They keep a small file from costing much time or memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanLimits {
    /// Size of the component, in bytes. Default 32 MiB.
    pub bytes: usize,
    /// Functions of all core modules together. Default 100,000.
    pub functions: u32,
    /// Size of one function's code, in bytes. Default 512 KiB.
    pub body_bytes: usize,
    /// Local variables of one function. Default 5,000.
    pub locals: u32,
    /// Core modules and nested components together. Default 64.
    pub nested: u32,
    /// Effort of one function: its local variables times the places where its control flow branches or joins. What
    /// compiling costs in time and memory grows with it. Default 4,000,000.
    pub function_effort: u64,
    /// Effort of all functions together. Default 32,000,000.
    pub effort: u64,
}

impl Default for ScanLimits {
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            functions: 100_000,
            body_bytes: 512 << 10,
            locals: 5_000,
            nested: 64,
            function_effort: 4_000_000,
            effort: 32_000_000,
        }
    }
}
