//! The product of two matrices of 64-bit floating point numbers, row by row, in pieces that a compiler makes vectors of.

use crate::Kernel;
use crate::text::Numbers;

/// Rows and columns; a multiple of [`PIECE`].
const SIZE: usize = 256;

/// Numbers that are worked on at one go.
const PIECE: usize = 16;

pub(crate) struct Product {
    left: Vec<f64>,
    right: Vec<f64>,
    product: Vec<f64>,
}

impl Product {
    pub(crate) fn new() -> Self {
        let mut numbers = Numbers::new();
        let mut matrix = || {
            (0..SIZE * SIZE)
                .map(|_| numbers.below(2_000) as f64 / 1e3 - 1.0)
                .collect()
        };
        Self {
            left: matrix(),
            right: matrix(),
            product: vec![0.0; SIZE * SIZE],
        }
    }
}

impl Kernel for Product {
    fn work(&mut self) {
        self.product.fill(0.0);
        for (row, left) in self.product.chunks_exact_mut(SIZE).zip(self.left.chunks_exact(SIZE)) {
            for (factor, right) in left.iter().zip(self.right.chunks_exact(SIZE)) {
                for (sums, numbers) in row.chunks_exact_mut(PIECE).zip(right.chunks_exact(PIECE)) {
                    for (sum, number) in sums.iter_mut().zip(numbers) {
                        *sum += factor * number;
                    }
                }
            }
        }
    }

    /// Of the bits: both sides round alike, since neither joins a product and a sum.
    fn checksum(&self) -> u64 {
        let bytes: Vec<u8> = self.product.iter().flat_map(|number| number.to_le_bytes()).collect();
        crate::checksum(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Product, SIZE};
    use crate::Kernel as _;

    #[test]
    fn it_is_the_product() {
        let mut matrices = Product::new();
        matrices.work();
        for (row, column) in [(0, 0), (3, 200), (SIZE - 1, SIZE - 1)] {
            let plain: f64 = (0..SIZE)
                .map(|k| matrices.left[row * SIZE + k] * matrices.right[k * SIZE + column])
                .sum();
            let found = matrices.product[row * SIZE + column];
            assert!((found - plain).abs() < 1e-9, "{found} {plain}");
        }
    }
}
