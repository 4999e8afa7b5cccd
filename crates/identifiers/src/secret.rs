//! What every identifier here has in common: it does not show itself.

/// Gives a newtype over `Secret<String>` its masked printouts, `expose`, and equality.
macro_rules! confidential {
    ($name:ident) => {
        impl $name {
            /// The characters themselves, in their canonical form: for the one place that needs them.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.expose() == other.expose()
            }
        }

        impl Eq for $name {}

        /// Always `***`.
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str("***")
            }
        }

        /// Always `***`.
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str("***")
            }
        }
    };
}

pub(crate) use confidential;
