-- Those who wait already get the id that newcomers have.
update waiting set id = gen_random_uuid() where id is null;
