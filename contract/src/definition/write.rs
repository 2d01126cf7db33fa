//! The canonical form of a definition: elements in the order of the table, what is not set left out.

use super::{Certificate, Endpoints, ExtensionImage, LocalPort, LocalResource, ROOT, words::HostingResource};
use crate::xml::write::Writer;

impl ExtensionImage {
    /// The definition in canonical form: one line, elements in the order of [`ELEMENTS`](super::ELEMENTS), no
    /// declaration. Reading it gives the same definition.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| self.write(writer))
    }

    /// The elements of the definition, without the one around them.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.text("ProviderNameSpace", self.provider_namespace.as_str());
        writer.text("Type", self.type_name.as_str());
        writer.text("Version", self.version.as_str());
        writer.optional("Label", self.label.as_deref());
        if !self.hosting_resources.is_empty() {
            let words: Vec<_> = self
                .hosting_resources
                .iter()
                .map(|word| HostingResource::name(*word))
                .collect();
            writer.text("HostingResources", &words.join("|"));
        }
        writer.optional("MediaLink", self.media_link.as_ref().map(super::MediaLink::as_str));
        if let Some(certificate) = &self.certificate {
            writer.element("Certificate", |writer| write_certificate(writer, certificate));
        }
        if !self.endpoints.is_empty() {
            writer.element("Endpoints", |writer| write_endpoints(writer, &self.endpoints));
        }
        writer.optional("PublicConfigurationSchema", self.public_configuration_schema.as_deref());
        writer.optional(
            "PrivateConfigurationSchema",
            self.private_configuration_schema.as_deref(),
        );
        writer.optional("Description", self.description.as_deref());
        writer.optional("PublisherName", self.publisher_name.as_deref());
        writer.optional("PublishedDate", self.published_date.as_deref());
        if !self.local_resources.is_empty() {
            writer.element("LocalResources", |writer| {
                self.local_resources
                    .iter()
                    .for_each(|item| write_local_resource(writer, item));
            });
        }
        writer.flag("BlockRoleUponFailure", self.block_role_upon_failure);
        writer.flag("IsInternalExtension", self.is_internal_extension);
        writer.optional("SampleConfig", self.sample_config.as_deref());
        writer.flag("ReplicationCompleted", self.replication_completed);
        writer.optional("Eula", self.eula.as_deref());
        writer.optional("PrivacyUri", self.privacy_uri.as_deref());
        writer.optional("HomepageUri", self.homepage_uri.as_deref());
        writer.flag("IsJsonExtension", self.is_json_extension);
        writer.flag("DisallowMajorVersionUpgrade", self.disallow_major_version_upgrade);
        writer.optional("SupportedOS", self.supported_os.map(super::SupportedOs::name));
        writer.optional("CompanyName", self.company_name.as_deref());
        writer.optional("Regions", self.regions.as_ref().map(super::Regions::to_text).as_deref());
        self.others.iter().for_each(|other| other.write(writer));
    }
}

fn write_certificate(writer: &mut Writer, certificate: &Certificate) {
    writer.text("StoreLocation", &certificate.store_location);
    writer.optional("StoreName", certificate.store_name.as_deref());
    writer.flag("ThumbprintRequired", certificate.thumbprint_required);
    writer.optional("ThumbprintAlgorithm", certificate.thumbprint_algorithm.as_deref());
}

fn write_local_resource(writer: &mut Writer, resource: &LocalResource) {
    writer.element("LocalResource", |writer| {
        writer.text("Name", &resource.name);
        writer.optional("SizeInMB", resource.size_in_mb.map(|size| size.to_string()).as_deref());
    });
}

fn write_endpoints(writer: &mut Writer, endpoints: &Endpoints) {
    list(
        writer,
        "InputEndpoints",
        "InputEndpoint",
        &endpoints.input,
        |writer, endpoint| {
            writer.text("Name", &endpoint.name);
            writer.text("Protocol", endpoint.protocol.name());
            writer.number("Port", endpoint.port);
            local_port(writer, endpoint.local_port);
        },
    );
    list(
        writer,
        "InternalEndpoints",
        "InternalEndpoint",
        &endpoints.internal,
        |writer, endpoint| {
            writer.text("Name", &endpoint.name);
            writer.text("Protocol", endpoint.protocol.name());
            writer.number("Port", endpoint.port);
        },
    );
    let (name, item) = ("InstanceInputEndpoints", "InstanceInputEndpoint");
    list(writer, name, item, &endpoints.instance_input, |writer, endpoint| {
        writer.text("Name", &endpoint.name);
        writer.text("Protocol", endpoint.protocol.name());
        local_port(writer, endpoint.local_port);
        writer.number("FixedPortMin", endpoint.fixed_port_min);
        writer.number("FixedPortMax", endpoint.fixed_port_max);
    });
}

fn local_port(writer: &mut Writer, port: LocalPort) {
    match port {
        LocalPort::Any => writer.text("LocalPort", "*"),
        LocalPort::Port(port) => writer.number("LocalPort", port),
    }
}

fn list<T>(writer: &mut Writer, name: &str, item: &str, items: &[T], write: impl Fn(&mut Writer, &T)) {
    if !items.is_empty() {
        writer.element(name, |writer| {
            for one in items {
                writer.element(item, |writer| write(writer, one));
            }
        });
    }
}
