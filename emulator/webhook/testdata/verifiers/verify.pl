# Verifies captured webhooks with Perl's own Digest::SHA. One a line, | between: scheme, secret, value, id, timestamp, request id, data id, base64 of the body.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex hmac_sha1_hex sha256_hex);
use MIME::Base64 qw(encode_base64 decode_base64);

sub among { my ($want, @all) = @_; return scalar grep { $_ eq $want } @all; }
sub pairs { my ($value, $name) = @_; return map { /^\Q$name\E=(.*)$/ ? $1 : () } split /,/, $value; }

my %verify = (
    'hmac-sha256-base64'     => sub { my $m = shift; $m->{value} eq encode_base64(hmac_sha256($m->{body}, $m->{secret}), '') },
    'hmac-sha256-hex'        => sub { my $m = shift; $m->{value} eq hmac_sha256_hex($m->{body}, $m->{secret}) },
    'sha1=HMAC-SHA1-HEX'     => sub { my $m = shift; $m->{value} eq 'sha1=' . uc hmac_sha1_hex($m->{body}, $m->{secret}) },
    'sha1=hmac-sha1-hex'     => sub { my $m = shift; $m->{value} eq 'sha1=' . hmac_sha1_hex($m->{body}, $m->{secret}) },
    'sha256-body-secret-hex' => sub { my $m = shift; $m->{value} eq sha256_hex($m->{body} . '_' . $m->{secret}) },
    'sha256=hmac-sha256-hex' => sub { my $m = shift; $m->{value} eq 'sha256=' . hmac_sha256_hex($m->{body}, $m->{secret}) },
    'standard-webhooks-v1'   => sub {
        my $m = shift;
        my $key = decode_base64((split /_/, $m->{secret}, 2)[1]);
        among('v1,' . encode_base64(hmac_sha256("$m->{id}.$m->{time}." . $m->{body}, $key), ''), split / /, $m->{value});
    },
    't,v1' => sub { my $m = shift; among(hmac_sha256_hex((pairs($m->{value}, 't'))[0] . '.' . $m->{body}, $m->{secret}), pairs($m->{value}, 'v1')) },
    'ts,v1' => sub {
        my $m = shift;
        my $id = $m->{data} =~ /^[A-Za-z0-9]+$/ ? lc $m->{data} : $m->{data};
        among(hmac_sha256_hex("id:$id;request-id:$m->{request};ts:" . (pairs($m->{value}, 'ts'))[0] . ';', $m->{secret}), pairs($m->{value}, 'v1'));
    },
);

open my $in, '<', $ARGV[0] or die $!;
while (my $line = <$in>) {
    chomp $line;
    my %m;
    (my $scheme, @m{qw(secret value id time request data body)}) = split /\|/, $line, -1;
    $m{body} = decode_base64($m{body});
    print "$scheme ", !$verify{$scheme} ? 'unable' : $verify{$scheme}->(\%m) ? 'good' : 'bad', "\n";
}
