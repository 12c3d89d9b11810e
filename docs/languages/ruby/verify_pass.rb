# Who holds this pass? Needs the keys of the service, and nothing else: no request, no library.
require 'json'
require 'openssl'

SHAPE = /\A([\w-]{1,32})\.(current|new)\.(preview|staff|invited|join|rules|share)\.([\w-]{22})\.([0-9]{1,12})\.([\w-]{43})\z/

# The pass in the cookie "pg_<service>", or nil for one that is forged, expired, cut short, or of another service.
def verify_pass(cookie, service, keys, now = Time.now)
  fields = SHAPE.match(cookie)
  return nil if fields.nil? || !cookie.ascii_only?

  kid, arm, rung, unit, exp, mac = fields.captures
  secret = keys[kid]
  return nil if secret.nil? || exp.to_i <= now.to_f

  signed = "#{service}.#{kid}.#{arm}.#{rung}.#{unit}.#{exp}"
  expected = [OpenSSL::HMAC.digest('SHA256', secret, signed)].pack('m0').tr('+/', '-_').delete('=')
  return nil unless OpenSSL.fixed_length_secure_compare(expected, mac)

  { arm: arm, rung: rung, unit: unit }
end

# PHASEGATE_PASS_KEYS holds the answer of /api/v1/gateway/pass-keys.
if $PROGRAM_NAME == __FILE__
  keys = JSON.parse(ENV.fetch('PHASEGATE_PASS_KEYS'))['keys'].to_h { |key| [key['kid'], key['secret']] }
  service, *cookies = ARGV
  cookies.each do |cookie|
    pass = verify_pass(cookie, service, keys)
    puts pass ? "#{pass[:arm]} #{pass[:rung]} #{pass[:unit]}" : 'no pass'
  end
end
