<?php
// Asks Phasegate who gets in. Nothing but what PHP brings.
//   PHASEGATE_URL=https://beta.example.org php flag.php parking-permit UNIT

/** The answer for a flag, or the default where none came in time: asking never throws, nor holds a page up for long. */
function flag(string $key, string $targetingKey, mixed $default, array $attributes = []): array
{
    $headers = ['Content-Type: application/json'];
    if (getenv('PHASEGATE_KEY')) {
        $headers[] = 'Authorization: Bearer ' . getenv('PHASEGATE_KEY');
    }
    $question = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => $headers,
        'content' => json_encode(['context' => [...$attributes, 'targetingKey' => $targetingKey]]),
        'timeout' => (float) (getenv('PHASEGATE_TIMEOUT') ?: 1),
        'follow_location' => 0,
    ]]);
    $url = getenv('PHASEGATE_URL') . '/ofrep/v1/evaluate/flags/' . rawurlencode($key);
    $said = json_decode((string) @file_get_contents($url, false, $question), true);
    // An answer without a value means: the default of the code.
    return isset($said['value']) ? $said : ['value' => $default, 'reason' => 'ERROR'];
}

if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $said = flag($argv[1], $argv[2], false);
    echo implode(' ', array_filter([json_encode($said['value']), $said['variant'] ?? '', $said['reason']])), "\n";
}
