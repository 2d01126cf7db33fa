#!/bin/sh
# A native handler that keeps the contract. `breach` names the one rule that it breaks instead.
breach=none

command=$1
number=$ConfigSequenceNumber

folder() {
    sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" HandlerEnvironment.json
}
config=$(folder configFolder)
status=$(folder statusFolder)
heartbeat=$(folder heartbeatFile)
data=$(folder dataFolder)

fail() {
    echo "$command: $1" >&2
    exit "${2:-1}"
}

breaks() {
    [ "$breach" = "$1" ]
}

# Writes a file whole or not at all.
write() {
    printf '%s\n' "$2" > "$1.new" 2>/dev/null || { rm -f "$1.new"; return 1; }
    mv -fT "$1.new" "$1" 2>/dev/null || { rm -f "$1.new"; return 2; }
}

# The status, under the number that `own` says.
say() {
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    word=$1 text=$2 own=$number
    breaks status.written && return 0
    breaks status.schema && word=done
    breaks status.good && word=transitioning
    breaks status.time && now=2020-01-01T00:00:00Z
    breaks status.size && text=$(printf '%140000s' x)
    breaks settings.newer && own=$(ls "$config" | sed 's/\..*//' | sort -n | head -n 1)
    breaks settings.older && own=$(ls "$config" | sed 's/\..*//' | sort -n | tail -n 1)
    write "$status/$own.status" "[{\"version\": 1.0, \"timestampUTC\": \"$now\", \"status\": {\"operation\": \"enable\",
        \"status\": \"$word\", \"code\": 0, \"formattedMessage\": {\"lang\": \"en-US\", \"message\": \"$text\"}}}]"
    case $? in
    0) return 0 ;;
    1)
        breaks disk.full && { : > "$status/$own.status"; exit 0; }
        breaks disk.full-after && mkdir -p "$data/was-full"
        ;;
    2)
        breaks write.refused && exit 0
        breaks write.refused-after && mkdir -p "$data/was-refused"
        ;;
    esac
    fail "the status cannot be written" 73
}

settings() {
    file=$config/$number.settings
    if [ ! -f "$file" ]; then
        breaks settings.missing && return 0
        fail "there is no $file"
    fi
    [ "$number" = 0 ] && [ ! -s "$file" ] && { breaks settings.none && kill -SEGV $$; return 0; }
    case $(cat "$file") in
    *'"runtimeSettings"'*'}}]}') ;;
    *) breaks settings.malformed || fail "$file is cut off" ;;
    esac
}

enable() {
    breaks enable.runs && fail "not today"
    breaks enable.twice && [ "$(cat "$data/mrseq" 2>/dev/null)" = "$number" ] && fail "it is enabled"
    breaks enable.after-disable && [ -e "$data/disabled" ] && fail "it is disabled"
    breaks disk.full-after && [ -e "$data/was-full" ] && fail "the disk was full"
    breaks write.refused-after && [ -e "$data/was-refused" ] && fail "a status was refused"
    breaks update.failed && [ -e "$data/updated" ] && [ "$AZURE_GUEST_AGENT_EXTENSION_VERSION" = 1.0.0 ] && fail "it is old"
    settings
    if breaks clock.file-times && [ "$data/mrseq" -nt "$config/$number.settings" ]; then
        exit 0
    fi
    if breaks stopped.enable; then
        mkdir "$data/lock" || fail "another one is at work"
        # Far longer than the kit needs to see that it has begun.
        [ "$number" = 2 ] && sleep 4
        rmdir "$data/lock"
    fi
    say success "done"
    breaks heartbeat.written || write "$heartbeat" '[{"version": 1.0, "heartbeat": {"status": "ready", "code": 0,
        "formattedMessage": {"lang": "en-US", "message": "alive"}}}]' || fail "no heartbeat can be written" 73
    write "$data/enabled" yes && write "$data/mrseq" "$number" || fail "the number cannot be written" 73
}

disable() {
    breaks disable.runs && fail "not today"
    breaks disable.twice && [ ! -e "$data/enabled" ] && fail "it is not enabled"
    breaks enable.twice && rm -f "$data/mrseq"
    breaks enable.after-disable && : > "$data/disabled"
    if breaks stopped.disable; then
        mkdir "$data/disabling" || fail "another one is at work"
        sleep 3
        rmdir "$data/disabling"
    fi
    rm -f "$data/enabled"
}

case $command in
install)
    breaks install.runs && fail "not today"
    breaks install.again && [ -e "$data/installed" ] && fail "it is installed"
    : > "$data/installed"
    ;;
enable) enable ;;
update)
    breaks update.runs && fail "not today"
    breaks update.failed && : > "$data/updated"
    rm -f "$data/disabled"
    ;;
disable) disable ;;
uninstall)
    breaks uninstall.runs && fail "not today"
    breaks uninstall.twice && [ ! -e "$data/installed" ] && fail "it is not installed"
    breaks uninstall.unused && [ ! -e "$data/mrseq" ] && fail "it was never enabled"
    breaks update.data && rm -f "$data"/*
    rm -f "$data/installed"
    ;;
*) fail "there is no such command" 64 ;;
esac
exit 0
