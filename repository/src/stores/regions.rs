//! The regions: stores that hosts fetch from, each with a copy of every package.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::{Store, StoreError};

/// The region of a repository that was told of none.
const ONLY: &str = "Local";
/// Most regions of a repository.
const MAX_REGIONS: usize = 64;
/// Longest name of a region, in bytes.
const MAX_NAME: usize = 64;

/// The name of a region, such as `South Central US`: letters, digits and blanks, no two of which differ only in case and
/// blanks.
#[derive(Debug, Clone)]
pub struct RegionName {
    text: String,
    short: String,
}

impl RegionName {
    /// The name as people write it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as it stands in names of files: lower case, without blanks (`southcentralus`).
    pub fn short(&self) -> &str {
        &self.short
    }
}

impl std::str::FromStr for RegionName {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
        if !fits || text.is_empty() || text.len() > MAX_NAME {
            return Err(RegionError::Name(hostler_contract::escape_bounded(text, MAX_NAME)));
        }
        Ok(Self {
            text: text.to_owned(),
            short: text.replace(' ', "").to_ascii_lowercase(),
        })
    }
}

impl PartialEq for RegionName {
    /// `West US` and `westus` are the same region.
    fn eq(&self, other: &Self) -> bool {
        self.short == other.short
    }
}

impl Eq for RegionName {}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One region.
#[derive(Debug, Clone)]
pub struct Region {
    /// Its name.
    pub name: RegionName,
    /// Where what hosts fetch lies: version manifests, packages and the index, in one folder.
    pub published: Store,
    /// The URL under which hosts find that folder, with `/` at its end, where the operator told one. Without it the
    /// locations of packages are relative to the version manifest, which not every agent can follow.
    pub url: Option<String>,
}

/// What is wrong with the regions that were told.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// A name that is none.
    #[error("`{0}` is not the name of a region: write 1 to 64 letters, digits and blanks")]
    Name(String),
    /// Not `NAME=VALUE`.
    #[error("`{0}` is not NAME=URL")]
    Form(String),
    /// Twice the same region.
    #[error("the region `{0}` is there twice; names that differ only in case and blanks are the same")]
    Twice(String),
    /// A URL for a region that is not there.
    #[error("there is no region `{0}` to give a URL to")]
    Unknown(String),
    /// A URL that hosts cannot use.
    #[error("`{0}` is not a URL that hosts can fetch from: write https://HOST/PATH")]
    Url(String),
    /// More regions than a repository has.
    #[error("there are {0} regions, and a repository has at most 64")]
    Many(usize),
    /// The store of a region.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All regions, in the order in which they were told.
#[derive(Debug, Clone)]
pub struct Regions {
    regions: Vec<Region>,
    first: Store,
}

impl Regions {
    /// Opens the regions `told` as `NAME=STORE_URL`, with the URLs for hosts `urls` as `NAME=URL`. Where none is told,
    /// there is one, `Local`, in the folder `store` of `data`.
    ///
    /// # Errors
    /// Each [`RegionError`].
    pub fn open(data: &Path, told: &[String], urls: &[String]) -> Result<Self, RegionError> {
        if told.len() > MAX_REGIONS {
            return Err(RegionError::Many(told.len()));
        }
        let mut opened: BTreeMap<String, Store> = BTreeMap::new();
        let mut regions: Vec<Region> = Vec::new();
        let mut first = None;
        let only = format!("{ONLY}={}", data.join("store").display());
        let told = match told {
            [] => std::slice::from_ref(&only),
            told => told,
        };
        for text in told {
            let (name, url) = pair(text)?;
            if regions.iter().any(|region| region.name == name) {
                return Err(RegionError::Twice(name.to_string()));
            }
            let store = match opened.get(url) {
                Some(store) => store.clone(),
                None => Store::open(url)?,
            };
            opened.insert(url.to_owned(), store.clone());
            first.get_or_insert_with(|| store.clone());
            regions.push(Region {
                published: store.under("published").under(name.short()),
                name,
                url: None,
            });
        }
        for text in urls {
            let (name, url) = pair(text)?;
            let unknown = || RegionError::Unknown(name.to_string());
            let region = regions
                .iter_mut()
                .find(|region| region.name == name)
                .ok_or_else(unknown)?;
            region.url = Some(for_hosts(url)?);
        }
        let first = match first {
            Some(first) => first,
            None => Store::folder(&data.join("store"))?,
        };
        Ok(Self { regions, first })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// The region of that name, in either form.
    pub fn find(&self, name: &str) -> Option<&Region> {
        let name: RegionName = name.parse().ok()?;
        self.regions.iter().find(|region| region.name == name)
    }

    /// Where packages are kept unless the operator told another place: in the store of the first region, so that servers
    /// that share their regions share this as well.
    pub fn packages(&self) -> Store {
        self.first.under("packages")
    }
}

/// The two sides of `NAME=VALUE`.
fn pair(text: &str) -> Result<(RegionName, &str), RegionError> {
    let form = || RegionError::Form(hostler_contract::escape_bounded(text, 100));
    let (name, value) = text.split_once('=').ok_or_else(form)?;
    match value.trim() {
        "" => Err(form()),
        value => Ok((name.parse()?, value)),
    }
}

fn for_hosts(text: &str) -> Result<String, RegionError> {
    let wrong = || RegionError::Url(hostler_contract::escape_bounded(text, 200));
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.password().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
        return Err(wrong());
    }
    let text = url.to_string();
    Ok(match text.ends_with('/') {
        true => text,
        false => text + "/",
    })
}

#[cfg(test)]
mod tests {
    use super::Regions;

    fn told(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn regions_are_told_by_name_and_none_twice() {
        let data = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("{name}={}", data.path().join("s").display());
        let two = [at("West US"), at("South Central US")];
        let regions = Regions::open(data.path(), &two, &told(&["westus=https://cdn.example/w"])).unwrap();
        let names: Vec<&str> = regions.iter().map(|region| region.name.short()).collect();
        assert_eq!(names, ["westus", "southcentralus"]);
        assert_eq!(
            regions.find("WestUS").unwrap().url.as_deref(),
            Some("https://cdn.example/w/")
        );
        let only = Regions::open(data.path(), &[], &[]).unwrap();
        assert_eq!(
            only.iter().map(|region| region.name.as_str()).collect::<Vec<_>>(),
            ["Local"]
        );
        for (regions, urls, says) in [
            (vec![at("West US"), at("westus")], vec![], "twice"),
            (told(&["West/US=/tmp/x"]), vec![], "not the name of a region"),
            (told(&["West US"]), vec![], "not NAME=URL"),
            (told(&["West US="]), vec![], "not NAME=URL"),
            (told(&["West US=ftp://x"]), vec![], "not the place of a store"),
            (vec![at("West US")], told(&["East=https://x/"]), "no region `East`"),
            (
                vec![at("West US")],
                told(&["West US=https://x/?sig=1"]),
                "not a URL that hosts",
            ),
        ] {
            let said = Regions::open(data.path(), &regions, &urls).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
    }
}
