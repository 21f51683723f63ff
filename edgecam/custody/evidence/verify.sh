#!/bin/sh
# Proves copies of a camera's footage: sh verify.sh [-k KEY] [-p PAGE] [FILE.mp4 ...]
#
# Needs OpenSSL 3, sha256sum (or shasum) and the usual commands of any Linux or macOS; no Python, jq, xxd or awk.
# Without FILE: every .mp4 in this folder. KEY is the camera's public key in hex, PAGE the register page that came
# with the copy (register-page.jsonl beside it by default). Ends with 0 when all is genuine, 1 when something is not,
# 2 when it cannot tell. What is proven, and the layout of the manifest: docs/design/evidence.md.

set -u
LC_ALL=C
export LC_ALL
NL='
'
BASE='[A-Za-z0-9+/]'
# What may stand before the filling of a base64 text that has one form.
LAST='[AEIMQUYcgkosw048]'
OPENING='^{"format":"edgecam-manifest-1","camera_public":"[0-9a-f]\{64\}","ring_id":"[0-9a-f]\{32\}",'
OPENING=$OPENING'"init_sha256":"[0-9a-f]\{64\}","init_size_bytes":[0-9]\{1,9\},"records":\[$'
EPOCH='^{"epoch":"'$BASE'\{255\}'$BASE'\{43\}'$LAST'="}$'
SEGMENT='^{"offset":[0-9]\{1,18\},"size_bytes":[0-9]\{1,10\},"sequence":[0-9]\{1,10\},"decode_time":[0-9]\{1,18\},'
SEGMENT=$SEGMENT'"salt":"'$BASE'\{21\}[AQgw]==","header":"'$BASE'\{255\}'$BASE'\{255\}'$BASE'\{172\}'$LAST'="}$'
COPY_UUID=9f1c6a2e5b7d4e0f8a3361d2c4e5f607
DERIVED_UUID=5d0b7a4f3c2e49d18f6a0e9b7c1d2e38
# Four characters a byte, as \ooo.
FOUR='????????????????'
TWENTY=$FOUR$FOUR$FOUR$FOUR$FOUR
HEAD_SIZE=128

fail() {
    echo "verify.sh: $1" >&2
    exit 2
}

case $(openssl version 2>/dev/null) in
'OpenSSL '[3-9]*) ;;
*) fail "OpenSSL 3 or later is needed (it is called openssl)" ;;
esac
if command -v sha256sum >/dev/null 2>&1; then
    SHA=sha256sum
elif command -v shasum >/dev/null 2>&1; then
    SHA='shasum -a 256'
else
    SHA='openssl dgst -r -sha256'
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/verify.XXXXXX") || fail "no room for passing files"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

hex() { od -An -v -tx1 | tr -d ' \t\n'; }
octal() { od -An -v -to1 | tr -cs 0-7 '\\'; }

# The bytes that $1 tells in hex.
unhex() {
    left=$1 out=
    while [ -n "$left" ]; do
        rest=${left#??}
        byte=$((0x${left%"$rest"}))
        out="$out\\$((byte / 64))$((byte / 8 % 8))$((byte % 8))"
        left=$rest
    done
    printf "$out"
}

# $octets: the number $1 as \ooo of $2 bytes, highest first.
tell_octets() {
    octets= value=$1 width=$2
    while [ "$width" -gt 0 ]; do
        byte=$((value % 256)) value=$((value / 256)) width=$((width - 1))
        octets="\\$((byte / 64))$((byte / 8 % 8))$((byte % 8))$octets"
    done
}

# $number: what the bytes $1 (as \ooo) tell, highest first.
tell_number() {
    number=0
    old_ifs=$IFS
    IFS=\\
    for byte in ${1#\\}; do
        number=$((number * 256 + 0$byte))
    done
    IFS=$old_ifs
}

# Wall time in nanoseconds as a moment.
moment() {
    seconds=$(($1 / 1000000000))
    day=$(date -u -d "@$seconds" '+%Y-%m-%d %H:%M:%S' 2>/dev/null || date -u -r "$seconds" '+%Y-%m-%d %H:%M:%S')
    printf '%s.%03d UTC' "$day" $(($1 / 1000000 % 1000))
}

stretch() { echo "$(moment "$1") to $(moment "$2")"; }

# Whether the camera signed the bytes of file $1; the signature is the file $2.
is_signed() {
    openssl pkeyutl -verify -pubin -inkey "$work/camera.pub" -keyform DER -rawin -in "$1" -sigfile "$2" \
        >/dev/null 2>&1
}

# Whether the camera signed the first $2 bytes of the record $1, its signature right behind them.
is_signed_record() {
    head -c "$2" "$1" >"$work/signed"
    tail -c "+$(($2 + 1))" "$1" | head -c 64 >"$work/signature"
    is_signed "$work/signed" "$work/signature"
}

# From here on $1 (hex) is the camera's key. Whether it is the expected one.
take_camera() {
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000' && unhex "$1"; } >"$work/camera.pub"
    camera=$1
    name=$(unhex "$1" | $SHA)
    name=edgecam_$(echo "$name" | cut -c 1-8)
    [ -z "$expected" ] || [ "$expected" = "$1" ]
}

# One text of a JSON line on stdin.
text_of() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
number_of() { sed -n 's/.*"'"$1"'":\([0-9]*\)[,}].*/\1/p'; }

# Columns $1 of all headers, little-endian, as numbers.
numbers_at() {
    cut -c "$1" "$work/hex" | sed -e 's/^\(..\)\(..\)\(..\)\(..\)$/0x\4\3\2\1/' \
        -e 's/^\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)$/0x\8\7\6\5\4\3\2\1/'
}

# All base64 texts on stdin as bytes: what filled the last four characters up becomes zeros, so that they join.
joined() {
    tr = A | tr -d '\n' | fold -w 64 >"$work/joined"
    echo >>"$work/joined"
    openssl base64 -d <"$work/joined"
}

# \ooo of records of $1 bytes on stdin, $2 of them each, one record a line.
rows() {
    octal | fold -w $((4 * $1)) | cut -c "1-$((4 * $2))" | sed -e '/^\\*$/d'
}

# Splits the manifest into tables, one line a segment. Sets $wrong.
read_manifest() {
    sed -n 1p "$work/manifest" | grep -q "$OPENING" || wrong="the opening of the manifest was changed"
    [ "$(sed -n '$p' "$work/manifest")" = "]}" ] || wrong="the end of the manifest was changed"
    sed -e 1d -e '$d' "$work/manifest" | sed -e '$s/$/,/' >"$work/body"
    sed -e 's/,$//' "$work/body" >"$work/records"
    if [ -z "$wrong" ] && ! grep -q "$SEGMENT" "$work/records"; then wrong="the file holds no footage"; fi
    [ -z "$wrong" ] || return
    # A line that is not of one of the two forms ends what is looked at.
    broken=$(grep -v -n -e "$SEGMENT" -e "$EPOCH" "$work/records" | sed -e 's/:.*//' -e 1q)
    [ -n "$broken" ] || broken=$(grep -v -n '},$' "$work/body" | sed -e 's/:.*//' -e 1q)
    [ -z "$broken" ] || sed -n -e "${broken}q" -e p "$work/records" >"$work/whole"
    [ -z "$broken" ] || mv "$work/whole" "$work/records"
    sed -e 's/^{"e.*/E/' -e 's/^{"o.*/S/' "$work/records" >"$work/kinds"
    sed -n 's/.*"epoch":"\(.*\)"}$/\1/p' "$work/records" >"$work/epochs"
    sed -n 's/.*"header":"\(.*\)"}$/\1/p' "$work/records" | joined >"$work/headers"
    sed -n 's/.*"salt":"\([^"]*\)".*/\1/p' "$work/records" | joined >"$work/salts"
    # 512 bytes and one that fills up; 16 and two.
    { od -An -v -tx1 "$work/headers" | tr -d ' \t\n' && echo; } | fold -w 1026 | sed '/^$/d' >"$work/hex"
    rows 513 512 <"$work/headers" >"$work/octal"
    rows 18 16 <"$work/salts" >"$work/salt"
    rm -rf "$work/h"
    mkdir "$work/h"
    n=1000000
    while IFS= read -r line; do
        printf "$line" >"$work/h/$n"
        n=$((n + 1))
    done <"$work/octal"
    (cd "$work/h" && ls | xargs $SHA | cut -c 1-64) >"$work/hash"
    sed -n 's/^{"offset":\([0-9]*\),"size_bytes":\([0-9]*\),"sequence":\([0-9]*\),"decode_time":\([0-9]*\),.*/\1 \2 \3 \4/p' \
        "$work/records" >"$work/places"
    for columns in 33-48 57-64 65-80 81-96 97-112 113-128; do
        numbers_at "$columns" >"$work/n$columns"
    done
    cut -c 21-32 "$work/hex" | sed 's/^\(..\)..\(..\)..\(..\)..$/0x\1 0x\2 0x\3/' >"$work/flags"
    cut -c 161-192 "$work/hex" >"$work/boot"
    cut -c 193-224 "$work/hex" >"$work/ring"
    cut -c 225-288 "$work/hex" | sort -u >"$work/masks"
    cut -c 289-352 "$work/hex" >"$work/previous"
    cut -c 353-416 "$work/hex" >"$work/content"
    paste -d ' ' "$work/places" "$work/n33-48" "$work/n57-64" "$work/n65-80" "$work/n81-96" "$work/n97-112" \
        "$work/n113-128" "$work/flags" "$work/boot" "$work/ring" "$work/previous" "$work/content" "$work/salt" \
        "$work/hash" >"$work/table"
}

# The next epoch record from fd 5. Sets $epoch and $wrong.
take_epoch() {
    IFS= read -r line <&5
    echo "$line" | fold -w 64 | openssl base64 -d >"$work/epoch"
    told=$(hex <"$work/epoch")
    is_signed_record "$work/epoch" 160 || wrong="the record of an epoch was changed"
    [ "$(echo "$told" | cut -c 145-176)" = "$ring_id" ] || wrong="an epoch is of another ring"
    [ "$(echo "$told" | cut -c 241-304)" = "$init_sha256" ] || wrong="an epoch has another init"
    epoch=$(echo "$told" | cut -c 33-48 | sed 's/^\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)$/0x\8\7\6\5\4\3\2\1/')
    idle=1
}

# One fragment from fd 3, at its place. Sets $shown_sequence, $shown_time and $sum.
read_fragment() {
    [ "$bytes" -gt "$HEAD_SIZE" ] || return 1
    start_of=$(dd bs=$HEAD_SIZE count=1 <&3 2>/dev/null | octal)
    after=${start_of#$TWENTY}
    first=${start_of%"$after"}
    after_sequence=${after#$FOUR}
    tell_number "${after%"$after_sequence"}"
    shown_sequence=$number
    before_time=${after_sequence%%'\164\146\144\164'*}
    [ "$before_time" != "$after_sequence" ] || return 1
    rest=${after_sequence#"$before_time"$FOUR$FOUR}
    before_time=${after_sequence%"$rest"}
    behind=${rest#$FOUR$FOUR}
    tell_number "${rest%"$behind"}"
    shown_time=$number
    tell_octets "$sequence" 4
    first="$salt$first$octets$before_time"
    tell_octets "$time" 8
    # The last backslash stands for the end of a line.
    first="$first$octets${behind%\\}"
    sum=$({ printf "$first" && dd bs=$((bytes - HEAD_SIZE)) count=1 <&3 2>/dev/null; } | $SHA)
    sum=${sum%% *}
}

# Whether the fragment is shown where docs/design/evidence.md puts it; gaps are looked at within a second.
is_in_place() {
    [ "$shown_sequence" -eq "$count" ] || return 1
    if [ "$count" -eq 1 ]; then
        [ "$shown_time" -eq 0 ]
        return
    fi
    in_run=$((time - last_time)) shown=$((shown_time - last_shown))
    long=$((last_duration / 1000 * timescale / 1000000))
    if [ "$boot" = "$last_boot" ] && [ "$in_run" -gt 0 ] && [ "$in_run" -lt $((long + 4 * timescale)) ]; then
        off=$((in_run - (mono - last_mono) / 1000 * timescale / 1000000))
        if [ "${off#-}" -lt $((timescale / 4)) ]; then
            [ "$shown" -eq "$in_run" ]
            return
        fi
    fi
    [ "$shown" -ge $((long - timescale)) ] && [ "$shown" -le $((long + 6 * timescale)) ]
}

# All segments, in order. $1: look at every signature. Sets $wrong; $frames counts what is proven.
pass() {
    every=$1 wrong= count=0 frames=0 at=$init_size epoch= idle=0 gaps=0 untrusted=0 private=0 begin= until=
    last_number= last_hash= last_time= last_shown= last_duration= last_boot= last_mono=
    exec 3<"$file" 5<"$work/epochs" 6<"$work/table"
    dd bs="$init_size" count=1 <&3 >/dev/null 2>&1
    while read -r kind; do
        if [ "$kind" = E ]; then
            [ "$idle" -eq 0 ] || wrong="an epoch has no footage"
            before=$epoch
            take_epoch
            [ "$before" != "$epoch" ] || wrong="an epoch stands there twice"
        else
            read -r offset bytes sequence time of_epoch of_frames number_of_it wall mono duration flag trust cause \
                boot ring previous content salt hash <&6
            count=$((count + 1)) idle=0
            check_segment
        fi
        [ -z "$wrong" ] || break
    done <"$work/kinds"
    if [ -z "$wrong" ] && [ -n "$broken" ]; then wrong="a record of the manifest was changed"; fi
    if [ -z "$wrong" ] && [ "$at" -ne "$start" ]; then wrong="something stands behind the last picture"; fi
    if [ -z "$wrong" ] && [ "$idle" -ne 0 ]; then wrong="something stands behind the last picture"; fi
    exec 3<&- 5<&- 6<&-
}

# One row of the table. Sets $wrong, or takes it as proven.
check_segment() {
    end=$((wall + duration))
    if [ "$every" -eq 1 ] && ! is_signed_record "$work/h/$((999999 + count))" 240; then
        wrong="the record of a picture was changed (from frame $((frames + 1)) on)"
        return
    fi
    if [ $((of_epoch)) -ne $((${epoch:-0x0})) ] || [ -z "$epoch" ] || [ "$ring" != "$ring_id" ]; then
        wrong="a picture's record is of another epoch or ring (from frame $((frames + 1)) on)"
        return
    fi
    where="(frames $((frames + 1)) to $((frames + of_frames)))"
    if [ -n "$last_number" ]; then
        missing=$((number_of_it - last_number - 1))
        if [ "$missing" -gt 0 ]; then
            wrong="cut: $missing segments are missing from $(stretch "$until" $((wall))) (after frame $frames)"
        elif [ "$missing" -lt 0 ]; then
            wrong="the picture from $(stretch $((wall)) "$end") stands in the wrong place $where"
        elif [ "$previous" != "$last_hash" ]; then
            wrong="the picture from $(stretch $((wall)) "$end") does not follow what is before it $where"
        fi
        [ -z "$wrong" ] || return
    fi
    if [ "$offset" -ne "$at" ] || [ $((offset + bytes)) -gt "$start" ]; then
        wrong="the picture from $(stretch $((wall)) "$end") is not where it was written $where"
        return
    fi
    if ! read_fragment || [ "$sum" != "$content" ]; then
        wrong="the picture from $(stretch $((wall)) "$end") was changed $where"
        return
    fi
    if ! is_in_place; then
        wrong="the picture from $(stretch $((wall)) "$end") was moved in time $where"
        return
    fi
    [ -n "$begin" ] || begin=$((wall))
    [ $((cause)) -eq 0 ] || [ "$count" -eq 1 ] || gaps=$((gaps + 1))
    [ $((trust)) -ge 2 ] || untrusted=$((untrusted + 1))
    [ $((flag % 2)) -eq 0 ] || private=$((private + 1))
    at=$((at + bytes)) frames=$((frames + of_frames)) until=$end
    last_number=$((number_of_it)) last_hash=$hash last_time=$time last_shown=$shown_time
    last_duration=$((duration)) last_boot=$boot last_mono=$((mono))
}

# The init, by which all is decoded, and how many ticks of it make a second. Sets $wrong.
read_init() {
    head -c "$init_size" "$file" >"$work/init"
    sum=$($SHA <"$work/init")
    if [ "${sum%% *}" != "$init_sha256" ]; then
        wrong="the init, by which all pictures are decoded, was changed"
        return
    fi
    told=$(hex <"$work/init")
    mdhd=${told#*6d646864}
    case $mdhd in
    01*) timescale=$(echo "$mdhd" | cut -c 41-48) ;;
    *) timescale=$(echo "$mdhd" | cut -c 25-32) ;;
    esac
    timescale=$((0x$timescale))
}

# A copy as recorded. Sets $wrong.
check_copy() {
    read_manifest
    [ -z "$wrong" ] || return
    sed -n 1p "$work/manifest" >"$work/opening"
    ring_id=$(text_of ring_id <"$work/opening")
    init_sha256=$(text_of init_sha256 <"$work/opening")
    init_size=$(number_of init_size_bytes <"$work/opening")
    if ! take_camera "$(text_of camera_public <"$work/opening")"; then
        wrong="it was signed by another camera, $name"
        return
    fi
    read_init
    [ -z "$wrong" ] || return
    # Each header holds the hash of the one before: the last signature speaks for all of them.
    last=$(ls "$work/h" | tail -n 1)
    has_own_end "$work/h/$last" || broken=${broken:-last}
    if is_signed_record "$work/h/$last" 240; then pass 0; else pass 1; fi
    if [ -n "$wrong" ] && [ "$every" -eq 0 ]; then
        found=$wrong
        pass 1
        [ -n "$wrong" ] || wrong=$found
    fi
    [ -n "$wrong" ] || told_copy
}

# What no signature and no next record covers of the last one: zeros, and a CRC-32, as gzip writes it.
has_own_end() {
    case $(tail -c +305 "$1" | head -c 204 | hex) in
    *[!0]*) return 1 ;;
    esac
    command -v gzip >/dev/null 2>&1 || return 0
    [ "$(head -c 508 "$1" | gzip -c | tail -c 8 | head -c 4 | hex)" = "$(tail -c 4 "$1" | hex)" ]
}

told_copy() {
    echo "genuine: $(stretch "$begin" "$until"), $count segments, $frames frames, exactly as $name recorded it"
    echo "  camera's public key: $camera"
    sed 's/^/  masked with set /' "$work/masks"
    [ "$gaps" -eq 0 ] || echo "  gaps in it, told by the camera: $gaps"
    [ "$untrusted" -eq 0 ] || echo "  segments recorded while the clock was not synchronised: $untrusted"
    [ "$private" -eq 0 ] || echo "  segments that are wholly masked: $private"
}

# A copy that was made from a copy: pictures covered or written on. Sets $wrong.
check_derived() {
    if ! grep -q '^{"format":"edgecam-derived-1",.*,"signature":"[0-9a-f]\{128\}"}$' "$work/manifest"; then
        wrong="its manifest was changed"
        return
    fi
    if ! take_camera "$(text_of camera_public <"$work/manifest")"; then
        wrong="it was signed by another camera, $name"
        return
    fi
    unhex "$(sed -n 's/.*,"signature":"\([0-9a-f]*\)"}$/\1/p' "$work/manifest")" >"$work/signature"
    signed=$(sed 's/,"signature":"[0-9a-f]*"}$/}/' "$work/manifest")
    printf %s "$signed" >"$work/signed"
    if ! is_signed "$work/signed" "$work/signature"; then
        wrong="its manifest was changed, or is not signed by the camera that it names"
        return
    fi
    # One piece a line: where it ends, its hash, from when to when it shows.
    sed -e 's/.*"pieces":\[//' -e 's/\].*//' -e 's/},{/}\
{/g' "$work/manifest" >"$work/pieces"
    echo >>"$work/pieces"
    exec 3<"$file"
    at=0 count=0
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        bytes=$(echo "$line" | number_of size_bytes)
        sum=$(dd bs="$bytes" count=1 <&3 2>/dev/null | $SHA)
        if [ "${sum%% *}" != "$(echo "$line" | text_of sha256)" ]; then
            from=$(echo "$line" | number_of from_wall_ns) to=$(echo "$line" | number_of to_wall_ns)
            first=$(echo "$line" | number_of first_frame) until=$(echo "$line" | number_of last_frame)
            wrong="the picture from $(stretch "$from" "$to") was changed (frames $first to $until)"
            break
        fi
        at=$((at + bytes)) count=$((count + 1))
    done <"$work/pieces"
    exec 3<&-
    if [ -z "$wrong" ] && [ "$at" -ne "$start" ]; then wrong="something was taken out of it or put into it"; fi
    [ -n "$wrong" ] || told_derived
}

told_derived() {
    echo "as $name gave it out: $count pieces. Its pictures were covered or written on, so it is no original;"
    echo "  its manifest names the original's segments by their hashes"
    echo "  camera's public key: $camera"
    reviewer=$(text_of reviewed_by <"$work/manifest")
    [ -z "$reviewer" ] || echo "  reviewed by: $reviewer"
}

# What the register says of this very file.
check_page() {
    [ -n "$page" ] && [ -f "$page" ] || return 0
    sum=$($SHA <"$file")
    line=$(grep -F "${sum%% *}" "$page" | sed -n 1p)
    if [ -z "$line" ]; then
        wrong="the register page does not name this file: it was changed after it was given out, or its edges were cut"
        return
    fi
    unhex "$(echo "$line" | sed -n 's/.*,"signature":"\([0-9a-f]*\)"}$/\1/p')" >"$work/signature"
    printf %s "$(echo "$line" | sed 's/,"signature":"[0-9a-f]*"}$/}/')" >"$work/signed"
    if is_signed "$work/signed" "$work/signature"; then
        echo "  register line $(echo "$line" | number_of sequence) names this file: nothing was cut off its edges"
    else
        wrong="the line of the register page that names this file was changed"
    fi
}

check() {
    file=$1 wrong= broken= camera= name= page=$given_page
    [ -r "$file" ] || fail "$file cannot be read"
    [ -n "$page" ] || page=$(dirname "$file")/register-page.jsonl
    size=$(($(wc -c <"$file")))
    box=$(tail -c 8 "$file" | hex)
    case $box in
    00000*) box=$((0x$box)) ;;
    *) box=0 ;;
    esac
    start=$((size - box))
    if [ "$box" -lt 40 ] || [ "$start" -lt 0 ]; then
        wrong="the file holds no manifest: it is no edgecam copy, or its end was cut off"
    else
        framed=$(tail -c "$box" "$file" | head -c 32 | hex)
        tail -c "$box" "$file" | tail -c +33 | head -c $((box - 40)) >"$work/manifest"
        case $framed in
        "$(printf '0000000175756964%016x%s' "$box" $COPY_UUID)") check_copy ;;
        "$(printf '0000000175756964%016x%s' "$box" $DERIVED_UUID)") check_derived ;;
        *) wrong="the file holds no manifest, or the frame around it was changed" ;;
        esac
    fi
    [ -n "$wrong" ] || check_page
    [ -z "$wrong" ] || all=1
    [ -z "$wrong" ] || echo "NOT GENUINE: $wrong"
}

expected= given_page= all=0
while getopts k:p: option; do
    case $option in
    k) expected=$OPTARG ;;
    p) given_page=$OPTARG ;;
    *) fail "usage: sh verify.sh [-k KEY] [-p PAGE] [FILE.mp4 ...]" ;;
    esac
done
shift $((OPTIND - 1))
set -f
if [ $# -eq 0 ]; then
    set +f
    set -- ./*.mp4
    set -f
    [ -e "$1" ] || fail "there is no .mp4 in this folder"
fi
for one in "$@"; do
    echo "$one"
    check "$one"
done
exit $all
