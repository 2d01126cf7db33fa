# What `hello` does at `enable`, as a handler in sh would: reads the settings, logs, writes the status.
set -eu
[ "$1" = enable ] || exit 64
number=$ConfigSequenceNumber
base=$AZURE_GUEST_AGENT_EXTENSION_PATH

# The value of the member $1 in the one line $2.
member() {
    value=${2#*\""$1"\":}
    value=${value#*\"}
    value=${value%%\"*}
}

environment=$(tr -d '\n' <"$base/HandlerEnvironment.json")
member configFolder "$environment" && config=$value
member logFolder "$environment" && log=$value
member statusFolder "$environment" && status=$value
member dataFolder "$environment" && data=$value
settings=$(tr -d '\n' <"$config/$number.settings")
member name "$settings"
greeting="Hello, $value"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
echo "$now INFO [enable $number] $greeting" >>"$log/handler.log"
message="{\"lang\": \"en-US\", \"message\": \"$greeting\"}"
part="{\"name\": \"greeting\", \"status\": \"success\", \"code\": 0, \"formattedMessage\": $message}"
echo "[{\"version\": \"1.0\", \"timestampUTC\": \"$now\", \"status\": {\"operation\": \"Enable\", \"status\": \"success\"," \
    "\"code\": 0, \"formattedMessage\": $message, \"substatus\": [$part]}}]" >"$status/$number.status.tmp"
mv "$status/$number.status.tmp" "$status/$number.status"
recorded=
[ ! -e "$data/mrseq" ] || read -r recorded <"$data/mrseq" || :
if [ "$recorded" != "$number" ]; then
    echo "$number" >"$data/mrseq.tmp"
    mv "$data/mrseq.tmp" "$data/mrseq"
fi
