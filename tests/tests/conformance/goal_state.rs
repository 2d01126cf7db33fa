//! A goal state in the vmSettings form (contract 4.2), from the few words of a case.

use serde_json::{Value, json};

use crate::case::{ExtensionSpec, GoalState, HandlerSpec};
use crate::publish::version_manifest;

impl GoalState {
    /// The bytes of the file, as the `number`th goal state of its case.
    pub(crate) fn bytes(&self, number: usize) -> Vec<u8> {
        let text = self.text.clone().unwrap_or_else(|| self.document(number).to_string());
        let mut bytes = text.into_bytes();
        if self.padding > 0 {
            let end = bytes.pop();
            bytes.resize(bytes.len() + self.padding, b' ');
            bytes.extend(end);
        }
        if self.half {
            bytes.truncate(bytes.len() / 2);
        }
        bytes
    }

    fn document(&self, number: usize) -> Value {
        let handlers: Vec<Value> = self.handlers.iter().map(HandlerSpec::entry).collect();
        let mut document = json!({
            "hostGAPluginVersion": "1.0.8.179",
            "vmSettingsSchemaVersion": "0.0",
            "activityId": "a33f6f53-43d6-4625-b322-1a39651a00c9",
            "correlationId": "9a47a2a2-e740-4bfc-b11b-4f2f7cfe7d2e",
            "inSvdSeqNo": number,
            "extensionsLastModifiedTickCount": 637_726_699_999_999_999_u64,
            "extensionGoalStatesSource": "FastTrack",
            "onHold": false,
            "extensionGoalStates": handlers,
        });
        replace(&mut document, &self.top);
        document
    }
}

impl HandlerSpec {
    fn entry(&self) -> Value {
        let location = self.location.clone().unwrap_or_else(|| version_manifest(&self.name));
        let mut entry = json!({
            "name": self.name,
            "version": self.version,
            "location": location,
            "state": self.state,
            "autoUpgrade": false,
            "runAsStartupTask": false,
            "isJson": true,
            "useExactVersion": true,
            "isMultiConfig": false,
        });
        if !self.no_settings {
            entry["settingsSeqNo"] = json!(self.seq_no);
            entry["settings"] = json!([self.settings()]);
        }
        if !self.extensions.is_empty() {
            entry["isMultiConfig"] = json!(true);
            entry["settings"] = self.extensions.iter().map(ExtensionSpec::settings).collect();
            let levels = self.extensions.iter().filter_map(|extension| {
                let level = extension.level?;
                Some(json!({"dependencyLevel": level, "name": extension.name}))
            });
            entry["dependsOn"] = levels.collect();
        }
        if let Some(level) = self.level {
            entry["dependsOn"] = json!([{"dependencyLevel": level}]);
        }
        replace(&mut entry, &self.raw);
        entry
    }

    /// Public settings are a text that holds JSON. Without any word about settings they are an empty object.
    fn settings(&self) -> Value {
        let mut settings = json!({});
        let public = self.public.as_ref().map(Value::to_string).or(self.public_text.clone());
        match public {
            Some(text) => settings["publicSettings"] = json!(text),
            None if self.protected.is_none() => settings["publicSettings"] = json!("{}"),
            None => {}
        }
        if let Some(protected) = &self.protected {
            settings["protectedSettings"] = json!(protected);
        }
        if let Some(thumbprint) = &self.thumbprint {
            settings["protectedSettingsCertThumbprint"] = json!(thumbprint);
        }
        settings
    }
}

impl ExtensionSpec {
    fn settings(&self) -> Value {
        let public = self.public_text.clone();
        let public = public.unwrap_or_else(|| Value::Object(self.public.clone()).to_string());
        json!({
            "extensionName": self.name,
            "extensionState": self.state,
            "seqNo": self.seq_no,
            "publicSettings": public,
        })
    }
}

/// Puts `members` into the place of those of `object`; null takes one away.
fn replace(object: &mut Value, members: &serde_json::Map<String, Value>) {
    let Some(object) = object.as_object_mut() else { return };
    for (name, value) in members {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
