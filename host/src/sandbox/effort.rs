//! How much work compiling a function will be, told before it is compiled.
//!
//! Cranelift's time and memory grow with the product of a function's local variables and its branches: a file of a few
//! kilobytes can be made to cost minutes and gigabytes (CMP-08). Functions that people and compilers write are far below
//! these bounds.

use wasmparser::{BinaryReaderError, FuncValidator, FunctionBody, Operator, OperatorsReader, ValidatorResources};

use super::ScanLimits;
use super::prescan::features;

/// Local variables that every function counts as having, for those that the engine makes itself.
const LEAST_LOCALS: u64 = 16;

/// Why a function is not compiled.
pub(super) enum EffortError {
    /// It cannot be read.
    Invalid(BinaryReaderError),
    /// It would be too much work; the text says of what.
    TooMuch(String),
}

impl From<BinaryReaderError> for EffortError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid(error)
    }
}

/// The effort of the functions so far.
#[derive(Debug, Default)]
pub(super) struct Effort {
    sum: u64,
}

impl Effort {
    /// Validates the function `body` and adds it, or refuses it: before its code is looked at where its size alone is too
    /// much.
    pub(super) fn add(
        &mut self,
        body: &FunctionBody<'_>,
        validator: &mut FuncValidator<ValidatorResources>,
        limits: &ScanLimits,
    ) -> Result<(), EffortError> {
        let bytes = body.range().len();
        let mut locals = 0u32;
        for group in body.get_locals_reader()? {
            locals = locals.saturating_add(group?.0);
        }
        if bytes > limits.body_bytes || locals > limits.locals {
            return Err(EffortError::TooMuch(format!(
                "a function has {bytes} bytes and {locals} local variables; {} and {} are compiled",
                limits.body_bytes, limits.locals
            )));
        }
        let branches = branches(body, validator)?;
        let effort = branches.saturating_mul(u64::from(locals).max(LEAST_LOCALS));
        if effort > limits.function_effort {
            return Err(EffortError::TooMuch(format!(
                "a function has {locals} local variables and {branches} branches; their product may be {}",
                limits.function_effort
            )));
        }
        self.sum = self.sum.saturating_add(effort);
        if self.sum > limits.effort {
            return Err(EffortError::TooMuch(format!(
                "the products of local variables and branches of all functions come to more than {}",
                limits.effort
            )));
        }
        Ok(())
    }
}

/// Validates `body`, and counts the places where its control flow branches or joins, at one go: reading the code is most of
/// both.
fn branches(
    body: &FunctionBody<'_>,
    validator: &mut FuncValidator<ValidatorResources>,
) -> Result<u64, BinaryReaderError> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    reader.set_features(features());
    let mut operators = OperatorsReader::new(reader);
    let mut branches = 0u64;
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read()?;
        branches += match &operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::Br { .. }
            | Operator::BrIf { .. } => 1,
            Operator::BrTable { targets } => u64::from(targets.len()) + 1,
            _ => 0,
        };
        validator.op(offset, &operator)?;
    }
    operators.finish()?;
    Ok(branches)
}
