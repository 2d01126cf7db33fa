// A handler in Go that greets whom its settings name. It knows nothing of hostler: it finds its folders through
// HandlerEnvironment.json in its working directory and its settings by the contract's variable, reports a status, and ends
// with an exit code. The same source is a native program.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Exit codes.
const (
	blankName       = 2
	wrongUsage      = 64
	badSettings     = 65
	badSurroundings = 66
	cannotWrite     = 73
)

// failure is an error with the exit code that the command is to end with.
type failure struct {
	code    int
	message string
}

func (f failure) Error() string { return f.message }

// handler is what a command works on and with.
type handler struct {
	command string
	number  string
	folders struct {
		Config string `json:"configFolder"`
		Status string `json:"statusFolder"`
		Log    string `json:"logFolder"`
	}
}

// settings are the public settings.
type settings struct {
	Name *string `json:"name"`
}

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	h := handler{command: command}
	if err := h.carryOut(); err != nil {
		fmt.Fprintf(os.Stderr, "%s failed: %v\n", command, err)
		code := 1
		var told failure
		if errors.As(err, &told) {
			code = told.code
		}
		h.log(err.Error())
		if command == "enable" && h.folders.Status != "" {
			// The failure itself is what counts.
			_ = h.writeStatus("error", code, err.Error())
		}
		os.Exit(code)
	}
}

func (h *handler) carryOut() error {
	if err := h.readSurroundings(); err != nil {
		return failure{badSurroundings, err.Error()}
	}
	switch h.command {
	case "enable":
		return h.enable()
	case "install", "update", "disable", "uninstall":
		h.log("done")
		return nil
	}
	return failure{wrongUsage, fmt.Sprintf("there is no command %q", h.command)}
}

func (h *handler) readSurroundings() error {
	h.number = os.Getenv("ConfigSequenceNumber")
	if h.number == "" {
		return errors.New("ConfigSequenceNumber is not set")
	}
	text, err := os.ReadFile("HandlerEnvironment.json")
	if err != nil {
		return err
	}
	var environment []struct {
		Folders *json.RawMessage `json:"handlerEnvironment"`
	}
	if err := json.Unmarshal(text, &environment); err != nil {
		return err
	}
	if len(environment) == 0 || environment[0].Folders == nil {
		return errors.New("HandlerEnvironment.json names no folders")
	}
	return json.Unmarshal(*environment[0].Folders, &h.folders)
}

func (h *handler) enable() error {
	wanted, err := h.readSettings()
	if err != nil {
		return failure{badSettings, err.Error()}
	}
	if wanted.Name == nil {
		return failure{badSettings, "the public settings have no text `name`"}
	}
	if strings.TrimSpace(*wanted.Name) == "" {
		return failure{blankName, "the setting `name` is blank; it should say whom to greet"}
	}
	greeting := "Hello, " + *wanted.Name
	h.log(greeting)
	if err := h.writeStatus("success", 0, greeting); err != nil {
		return failure{cannotWrite, err.Error()}
	}
	return nil
}

func (h *handler) readSettings() (settings, error) {
	var wanted settings
	text, err := os.ReadFile(filepath.Join(h.folders.Config, h.number+".settings"))
	if err != nil {
		return wanted, err
	}
	if len(text) == 0 {
		return wanted, errors.New("there are no settings, and `name` is needed")
	}
	var file struct {
		RuntimeSettings []struct {
			HandlerSettings struct {
				PublicSettings settings `json:"publicSettings"`
			} `json:"handlerSettings"`
		} `json:"runtimeSettings"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return wanted, err
	}
	if len(file.RuntimeSettings) > 0 {
		wanted = file.RuntimeSettings[0].HandlerSettings.PublicSettings
	}
	return wanted, nil
}

// writeStatus writes the status under another name and renames it: whoever reads it finds all of it or nothing.
func (h *handler) writeStatus(word string, code int, message string) error {
	document := []any{map[string]any{
		"version":      1.0,
		"timestampUTC": time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"status": map[string]any{
			"operation": "enable",
			"status":    word,
			"code":      code,
			"formattedMessage": map[string]string{
				"lang":    "en-US",
				"message": message,
			},
		},
	}}
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	path := filepath.Join(h.folders.Status, h.number+".status")
	err = os.WriteFile(path+".new", text, 0o644)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		_ = os.Remove(path + ".new")
	}
	return err
}

// log adds a line to the handler's log. One that cannot be written is lost, and nothing else.
func (h *handler) log(line string) {
	if h.folders.Log == "" {
		return
	}
	file, err := os.OpenFile(filepath.Join(h.folders.Log, "handler.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	defer file.Close()
	fmt.Fprintf(file, "%s [%s %s] %s\n", time.Now().UTC().Format(time.RFC3339), h.command, h.number, line)
}
