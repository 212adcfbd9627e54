//! `TypedLoan`: room for a value, until it is published.

use std::marker::PhantomData;

use mapview::Plain;

use super::Loan;
use crate::{PayloadMut, Result};

/// Room for one value, where the subscribers will read it. Nobody sees it before [`TypedLoan::publish`].
#[derive(Debug)]
pub struct TypedLoan<'a, T> {
    loan: Loan<'a>,
    of: PhantomData<fn(T)>,
}

impl<'a, T: Plain> TypedLoan<'a, T> {
    pub(super) fn new(loan: Loan<'a>) -> TypedLoan<'a, T> {
        TypedLoan { loan, of: PhantomData }
    }

    /// The bytes to be written, to fill a large value part by part. They are aligned for the type.
    pub fn payload(&mut self) -> PayloadMut<'_> {
        self.loan.payload()
    }

    /// Stores the value.
    ///
    /// # Errors
    /// None today.
    pub fn write(&mut self, value: &T) -> Result<()> {
        self.loan.write(0, value)
    }

    /// Makes the sample exist.
    pub fn publish(self) {
        self.loan.publish();
    }
}
