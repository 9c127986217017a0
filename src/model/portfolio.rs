//! What a site knows of the sites that it is made of, where it is a portfolio.

/// The sites that stand side by side in one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portfolio {
    /// In file order.
    pub members: Vec<Member>,
}

/// One of the sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name; what belongs to it is called `name/...`.
    pub id: String,
    /// Names that it may be called by together with others.
    pub groups: Vec<String>,
    /// Index into [`Site::premises`](super::Site::premises).
    pub premises: u32,
}
