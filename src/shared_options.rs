//! `SharedOptions`: who may open a typed value.

use crate::{latest, once_init, shared, Latest, OnceInit, Plain, Result, Security, Shared, ToName};

/// How to create a [`Shared`], a [`Latest`] or an [`OnceInit`].
///
/// ```
/// use mapview::{Grant, Security, SharedOptions};
/// let name = format!(r"Global\doc-shared-options-{}", std::process::id());
/// let speed = SharedOptions::new()
///     .security(Security::Everybody(Grant::Read))
///     .create_latest::<f64>(&name, "m/s", || 0.0)?; // others read it with `Latest::open_read_only`
/// assert_eq!(speed.read()?, (0.0, 1));
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SharedOptions {
    security: Security,
}

impl SharedOptions {
    /// What only the creating user may open.
    pub fn new() -> SharedOptions {
        SharedOptions::default()
    }

    /// Who may open a new value by its name; ignored when it exists. Locking needs the grant to write.
    pub fn security(&mut self, security: Security) -> &mut SharedOptions {
        self.security = security;
        self
    }

    /// As [`Shared::create`].
    ///
    /// # Errors
    /// The kinds of [`Shared::create`].
    pub fn create<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
        schema: &str,
        init: impl FnOnce() -> T,
    ) -> Result<Shared<T>> {
        self.create_in_place(name, schema, |value| *value = init())
    }

    /// As [`Shared::create`], for a value too large for the stack: `init` gets it on the heap, all bytes zero.
    ///
    /// ```
    /// let name = format!("doc-in-place-{}", std::process::id());
    /// let options = mapview::SharedOptions::new();
    /// let table = options.create_in_place::<[u64; 1 << 20]>(&name, "table", |table| table[7] = 7)?;
    /// assert_eq!(table.lock()?.sound()?[7], 7);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// The kinds of [`Shared::create`].
    pub fn create_in_place<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
        schema: &str,
        init: impl FnOnce(&mut T),
    ) -> Result<Shared<T>> {
        shared::create(name, schema, &self.security, init)
    }

    /// As [`Latest::create`].
    ///
    /// # Errors
    /// The kinds of [`Shared::create`].
    pub fn create_latest<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
        schema: &str,
        init: impl FnOnce() -> T,
    ) -> Result<Latest<T>> {
        latest::create(name, schema, &self.security, init)
    }

    /// As [`OnceInit::create`].
    ///
    /// # Errors
    /// The kinds of [`OnceInit::create`].
    pub fn create_once(&self, name: &(impl ToName + ?Sized)) -> Result<OnceInit> {
        once_init::create(name, &self.security)
    }
}
