<?php
// Who holds this pass? Needs the keys of the service, and nothing else: no request, no library.

const SHAPE = '/^([A-Za-z0-9_-]{1,32})\.(current|new)\.(preview|staff|invited|join|rules|share)'
    . '\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})$/D';

/** The pass in the cookie "pg_<service>", or null for one that is forged, expired, cut short, or of another service. */
function verifyPass(string $cookie, string $service, array $keys, ?int $now = null): ?array
{
    if (!preg_match(SHAPE, $cookie, $fields)) {
        return null;
    }
    [, $kid, $arm, $rung, $unit, $exp, $mac] = $fields;
    if (!isset($keys[$kid]) || (int) $exp <= ($now ?? time())) {
        return null;
    }
    $digest = hash_hmac('sha256', "$service.$kid.$arm.$rung.$unit.$exp", $keys[$kid], true);
    $expected = rtrim(strtr(base64_encode($digest), '+/', '-_'), '=');
    return hash_equals($expected, $mac) ? ['arm' => $arm, 'rung' => $rung, 'unit' => $unit] : null;
}

// PHASEGATE_PASS_KEYS holds the answer of /api/v1/gateway/pass-keys.
if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $keys = array_column(json_decode(getenv('PHASEGATE_PASS_KEYS'), true)['keys'], 'secret', 'kid');
    foreach (array_slice($argv, 2) as $cookie) {
        $pass = verifyPass($cookie, $argv[1], $keys);
        echo $pass ? "{$pass['arm']} {$pass['rung']} {$pass['unit']}" : 'no pass', "\n";
    }
}
