# Asks Phasegate who gets in. Nothing but the standard library.
#   PHASEGATE_URL=https://beta.example.org ruby flag.rb parking-permit UNIT
require 'json'
require 'net/http'

# The answer for a flag, or the default where none came in time: asking never raises and never holds a page up for long.
def flag(key, targeting_key, default, attributes = {})
  uri = URI("#{ENV.fetch('PHASEGATE_URL')}/ofrep/v1/evaluate/flags/#{key}")
  seconds = Float(ENV.fetch('PHASEGATE_TIMEOUT', '1'))
  headers = { 'Content-Type' => 'application/json' }
  headers['Authorization'] = "Bearer #{ENV['PHASEGATE_KEY']}" if ENV['PHASEGATE_KEY']
  body = JSON.generate(context: attributes.merge(targetingKey: targeting_key))
  limits = { use_ssl: uri.scheme == 'https', open_timeout: seconds, read_timeout: seconds, max_retries: 0 }
  answer = Net::HTTP.start(uri.host, uri.port, **limits) { |http| http.post(uri.path, body, headers) }
  said = JSON.parse(answer.body)
  # 200 without a value means: the default of the code.
  answer.code == '200' && !said['value'].nil? ? said : { 'value' => default, 'reason' => 'ERROR' }
rescue StandardError
  { 'value' => default, 'reason' => 'ERROR' }
end

if $PROGRAM_NAME == __FILE__
  said = flag(ARGV[0], ARGV[1], false)
  puts [said['value'], said['variant'], said['reason']].compact.join(' ')
end
