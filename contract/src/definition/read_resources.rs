//! The parts of a definition that describe more than texts: certificate, endpoints, local resources.

use super::{
    Certificate, Endpoints, InputEndpoint, InstanceInputEndpoint, InternalEndpoint, LocalPort, LocalResource,
    fields::Fields, words::Protocol,
};
use crate::{codes, escape_bounded, xml::Element};

/// Most elements of one list of a definition.
const MAX_ITEMS: usize = 256;

impl Fields<'_> {
    pub(super) fn certificate(&mut self, image: &Element) -> Option<Certificate> {
        let element = self.child(image, "Certificate")?;
        if element.elements().is_empty() {
            return None;
        }
        let store_location = self.needed(element, "StoreLocation", not_empty);
        let store_name = self.text(element, "StoreName");
        let thumbprint_required = self.flag(element, "ThumbprintRequired");
        let thumbprint_algorithm = self.text(element, "ThumbprintAlgorithm");
        Some(Certificate {
            store_location: store_location?,
            store_name,
            thumbprint_required,
            thumbprint_algorithm,
        })
    }

    pub(super) fn endpoints(&mut self, image: &Element) -> Endpoints {
        let Some(element) = self.child(image, "Endpoints") else {
            return Endpoints::default();
        };
        Endpoints {
            input: self.items(element, "InputEndpoints", "InputEndpoint", Self::input_endpoint),
            internal: self.items(
                element,
                "InternalEndpoints",
                "InternalEndpoint",
                Self::internal_endpoint,
            ),
            instance_input: self.items(
                element,
                "InstanceInputEndpoints",
                "InstanceInputEndpoint",
                Self::instance_input_endpoint,
            ),
        }
    }

    pub(super) fn local_resources(&mut self, image: &Element) -> Vec<LocalResource> {
        self.items(image, "LocalResources", "LocalResource", |fields, element| {
            let name = fields.needed(element, "Name", not_empty);
            let size = fields.child(element, "SizeInMB");
            let size_in_mb = size.and_then(|size| {
                fields.parsed(size, |text| {
                    digits(text).ok_or_else(|| (format!("`{}` is no number", escape_bounded(text, 80)), "write digits"))
                })
            });
            Some(LocalResource {
                name: name?,
                size_in_mb,
            })
        })
    }

    fn items<T>(
        &mut self,
        parent: &Element,
        list: &str,
        item: &str,
        read: fn(&mut Self, &Element) -> Option<T>,
    ) -> Vec<T> {
        let elements = self.list(parent, list, item);
        if let Some(beyond) = elements.get(MAX_ITEMS) {
            let what = format!("there are {} of them", elements.len());
            self.refuse(
                codes::DEFINITION_SIZE,
                beyond,
                what,
                format!("write at most {MAX_ITEMS}"),
            );
            return Vec::new();
        }
        elements.into_iter().filter_map(|element| read(self, element)).collect()
    }

    fn input_endpoint(&mut self, element: &Element) -> Option<InputEndpoint> {
        let name = self.needed(element, "Name", not_empty);
        let protocol = self.needed(element, "Protocol", protocol);
        let port = self.needed(element, "Port", port);
        let local_port = self.needed(element, "LocalPort", local_port);
        Some(InputEndpoint {
            name: name?,
            protocol: protocol?,
            port: port?,
            local_port: local_port?,
        })
    }

    fn internal_endpoint(&mut self, element: &Element) -> Option<InternalEndpoint> {
        let name = self.needed(element, "Name", not_empty);
        let protocol = self.needed(element, "Protocol", protocol);
        let port = self.needed(element, "Port", port);
        Some(InternalEndpoint {
            name: name?,
            protocol: protocol?,
            port: port?,
        })
    }

    fn instance_input_endpoint(&mut self, element: &Element) -> Option<InstanceInputEndpoint> {
        let name = self.needed(element, "Name", not_empty);
        let protocol = self.needed(element, "Protocol", protocol);
        let local_port = self.needed(element, "LocalPort", local_port);
        let min = self.needed(element, "FixedPortMin", port);
        let max = self.needed(element, "FixedPortMax", port);
        if let (Some(min), Some(max)) = (min, max)
            && max < min
        {
            let what = format!("`FixedPortMax` {max} is below `FixedPortMin` {min}");
            self.refuse(
                codes::DEFINITION_VALUE,
                element,
                what,
                "write the higher port as `FixedPortMax`",
            );
        }
        Some(InstanceInputEndpoint {
            name: name?,
            protocol: protocol?,
            local_port: local_port?,
            fixed_port_min: min?,
            fixed_port_max: max?,
        })
    }
}

type Wrong = (String, &'static str);

fn not_empty(text: &str) -> Result<String, Wrong> {
    match text.chars().count() {
        0 => Err(("it is empty".to_owned(), "write a text")),
        1..=super::MAX_TEXT_CHARACTERS => Ok(text.to_owned()),
        _ => Err(("it is too long".to_owned(), "write at most 4096 characters")),
    }
}

fn protocol(text: &str) -> Result<Protocol, Wrong> {
    Protocol::parse(text).ok_or_else(|| {
        let what = format!("`{}` is no protocol", escape_bounded(text, 80));
        (what, "write `tcp`, `udp`, `http` or `https`")
    })
}

/// Digits and nothing else; `str::parse` alone would also take a sign.
fn digits(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn port(text: &str) -> Result<u16, Wrong> {
    let port = digits(text)
        .and_then(|port| u16::try_from(port).ok())
        .filter(|port| *port > 0);
    port.ok_or_else(|| {
        let what = format!("`{}` is no port", escape_bounded(text, 80));
        (what, "write a number from 1 to 65535")
    })
}

fn local_port(text: &str) -> Result<LocalPort, Wrong> {
    match text {
        "*" => Ok(LocalPort::Any),
        _ => port(text)
            .map(LocalPort::Port)
            .map_err(|(what, _)| (what, "write a number from 1 to 65535, or `*`")),
    }
}
