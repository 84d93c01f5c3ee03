#!/usr/bin/env bash
# Shows how every verb ends: signals, a pause, a full disk, a folder that is deleted meanwhile, output that nobody reads.
#
#   ends.sh [KEMU]     KEMU is the launcher, by default that of this repository
#   PAUSE=30           seconds between STOP and CONT (default 3)
#
# SignalIT and HostIT assert what is shown here.

kemu=${1:-$(cd "$(dirname "$0")/../../../.." && pwd)/kemu}
pause=${PAUSE:-3}
work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70

shown() {
    printf '   exit %s\n' "$1"
    sed 's/^/   stderr: /' err | cut -c 1-160 | tail -n 3
    tail -n 1 out | sed 's/^/   stdout: /' | cut -c 1-160
}

# told SIGNALS SECONDS ARGUMENTS...: each signal after so many seconds. A job of an interactive shell, so that INT is not ignored.
told() {
    signals=$1
    after=$2
    shift 2
    echo "== $signals: kemu $*"
    set -m
    "$kemu" "$@" >out 2>err &
    pid=$!
    set +m
    for signal in $signals; do
        sleep "$after"
        kill -"$signal" $pid 2>/dev/null
    done
    wait $pid 2>/dev/null
    shown $?
}

for signal in INT TERM HUP; do
    told $signal 3 run kbuild --duration 10m --out run
    told $signal 3 run forkstorm --duration 10m
    told $signal 3 check rmap-hang-child --model weak --search random --budget 10m
    told $signal 3 check all --model weak
    told $signal 3 check mutants
    told $signal 3 litmus --generate generated --model all
    told $signal 3 bench
    told $signal 3 bench check
done
told 'INT INT' 0.5 run kbuild --duration 10m --copies 32

echo "== STOP, $pause s, CONT, INT: kemu run kbuild"
set -m
"$kemu" run kbuild --duration 10m >out 2>err &
pid=$!
set +m
sleep 3
kill -STOP $pid
sleep "$pause"
kill -CONT $pid
sleep 1
kill -INT $pid
wait $pid
shown $?

echo '== full disk: kemu check, its schedule on /dev/full'
mkdir full && ln -s /dev/full full/schedule.kemu
"$kemu" check rmap-hang-child --anon-vma root-reread --out full >out 2>err
shown $?

echo '== folder deleted during a run: kemu run kbuild --out gone'
"$kemu" run kbuild --repeat 40 --out gone >out 2>err &
pid=$!
sleep 2
rm -rf gone
wait $pid
shown $?

for verb in 'list scenarios' 'check all' 'run kbuild' 'trace stat'; do
    echo "== full standard output: kemu $verb >/dev/full"
    : >out
    "$kemu" $verb >/dev/full 2>err
    shown $?
    echo "== closed standard output: kemu $verb | head -n 1"
    { "$kemu" $verb 2>err; echo $? >code; } | head -n 1 >out
    shown "$(cat code)"
done
