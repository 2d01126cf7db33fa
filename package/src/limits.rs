//! How large a package may be, in every direction that a bad one could grow.

/// Limits of a package, each enforced at one place while the package is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Size of the zip file, in bytes. Default 64 MiB; code `pkg.size`.
    pub zip_bytes: u64,
    /// Size of all entries together, unpacked, in bytes. Default 256 MiB; code `pkg.size`.
    pub total_unpacked: u64,
    /// Size of one entry, unpacked, in bytes. Default 64 MiB; code `pkg.size`.
    pub entry_unpacked: u64,
    /// How many bytes one packed byte of an entry may unpack to. Default 200; code `pkg.ratio`.
    pub ratio: u64,
    /// Unpacked size in bytes up to which `ratio` is not looked at. Default 1 MiB; code `pkg.ratio`.
    pub ratio_above: u64,
    /// Number of entries, files and directories together. Default 4096; code `pkg.entries`.
    pub entries: usize,
    /// Length of an entry's whole name, in bytes of UTF-8. Default 512; code `pkg.name`.
    pub name_bytes: usize,
    /// Length of one component of a name, in bytes of UTF-8. Default 255; code `pkg.name`.
    pub component_bytes: usize,
    /// Number of components of a name. Default 16; code `pkg.depth`.
    pub depth: usize,
    /// Size of a component that a command names, in bytes. Default 32 MiB; code `wasm.size`.
    pub wasm_bytes: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for PackageLimits {
    fn default() -> Self {
        Self {
            zip_bytes: 64 * MIB,
            total_unpacked: 256 * MIB,
            entry_unpacked: 64 * MIB,
            ratio: 200,
            ratio_above: MIB,
            entries: 4096,
            name_bytes: 512,
            component_bytes: 255,
            depth: 16,
            wasm_bytes: 32 * MIB,
        }
    }
}
